// A peer on Pion that speaks WHIP (RFC 9725) and WHEP: `publish URL` sends media
// files and clouds of points, `watch URL` takes what a session has.
//
// What happens is told on standard error, a JSON object a line; a report comes last,
// on standard output, when SIGTERM, or the end of what it watches, has ended it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

type fields map[string]any

var logLock sync.Mutex

// tell says what happened.
func tell(message string, more fields) {
	line := fields{"message": message}
	for name, value := range more {
		line[name] = value
	}
	text, _ := json.Marshal(line)
	logLock.Lock()
	defer logLock.Unlock()
	fmt.Fprintln(os.Stderr, string(text))
}

type options struct {
	url    string
	codec  string
	video  string
	audio  string
	clouds int
	points int
	snap   bool
}

// newPeer makes a peer connection with all codecs and interceptors that Pion has,
// on loopback alone. With snap it offers to leave SCTP's set-up out.
func newPeer(snap bool) (*webrtc.PeerConnection, error) {
	engine := &webrtc.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.EnableSctpSnap(snap)
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(engine),
		webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(settings),
	)
	return api.NewPeerConnection(webrtc.Configuration{
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
	})
}

// connect exchanges descriptions; it gives the URL of what was made. Where the offer
// leaves SCTP's set-up out, the answer has to, too.
func connect(ctx context.Context, peer *webrtc.PeerConnection, to string) (string, error) {
	offer, err := peer.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err = peer.SetLocalDescription(offer); err != nil {
		return "", err
	}
	<-gathered
	status, header, answer, err := ask(ctx, http.MethodPost, to, peer.LocalDescription().SDP)
	if err != nil {
		return "", err
	}
	if status != http.StatusCreated {
		return "", fmt.Errorf("%s answered %d: %s", to, status, answer)
	}
	const snap = "\na=sctp-init:"
	if strings.Contains(peer.LocalDescription().SDP, snap) && !strings.Contains(answer, snap) {
		return "", fmt.Errorf("%s answered without an a=sctp-init: %s", to, answer)
	}
	base, err := url.Parse(to)
	if err != nil {
		return "", err
	}
	location, err := base.Parse(header.Get("location"))
	if err != nil {
		return "", err
	}
	return location.String(), peer.SetRemoteDescription(webrtc.SessionDescription{
		Type: webrtc.SDPTypeAnswer,
		SDP:  answer,
	})
}

func ask(ctx context.Context, method, to, sdp string) (int, http.Header, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(sdp))
	if err != nil {
		return 0, nil, "", err
	}
	if sdp != "" {
		request.Header.Set("content-type", "application/sdp")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, response.Header, string(body), err
}

// part is one side of a session: what is set up before the offer, what is done when it
// is connected, and what it came to.
type part interface {
	prepare(peer *webrtc.PeerConnection, end func(by string)) error
	run(ctx context.Context) error
	report(fields)
}

func run(ctx context.Context, it part, set options) error {
	peer, err := newPeer(set.snap)
	if err != nil {
		return err
	}
	defer peer.Close()
	connected := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	endedBy := make(chan string, 1)
	end := func(by string) {
		select {
		case endedBy <- by:
			tell("ended", fields{"by": by})
		default:
		}
		cancel()
	}
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		tell("connection", fields{"state": state.String()})
		switch state {
		case webrtc.PeerConnectionStateConnected:
			close(connected)
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			end("connection " + state.String())
		}
	})
	if err = it.prepare(peer, end); err != nil {
		return err
	}
	location, err := connect(ctx, peer, set.url)
	if err != nil {
		return err
	}
	tell("answered", fields{"location": location})
	select {
	case <-connected:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err = it.run(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	report := fields{"endedBy": nil}
	select {
	case by := <-endedBy:
		report["endedBy"] = by
	default:
	}
	hangUp, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	status, _, _, err := ask(hangUp, http.MethodDelete, location, "")
	if err != nil {
		return err
	}
	if err = peer.Close(); err != nil {
		return err
	}
	report["deleted"] = status
	it.report(report)
	return json.NewEncoder(os.Stdout).Encode(report)
}

func main() {
	var set options
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: pion publish|watch URL [options]")
		os.Exit(2)
	}
	role := os.Args[1]
	set.url = os.Args[2]
	flags := flag.NewFlagSet(role, flag.ExitOnError)
	flags.StringVar(&set.codec, "codec", "VP8", "VP8, VP9, H264, H265 or AV1")
	flags.StringVar(&set.video, "video", "", "IVF or Annex B file to send, or to write to")
	flags.StringVar(&set.audio, "audio", "", "Ogg file to send")
	flags.IntVar(&set.clouds, "clouds", 0, "clouds to send, or to wait for")
	flags.BoolVar(&set.snap, "snap", false, "leave SCTP's set-up out, and demand it")
	flags.IntVar(&set.points, "points", 5000, "points of a cloud to send")
	_ = flags.Parse(os.Args[3:])

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var it part
	if role == "publish" {
		it = &publisher{options: set}
	} else {
		it = &watcher{options: set}
	}
	if err := run(ctx, it, set); err != nil {
		tell("failed", fields{"error": err.Error()})
		os.Exit(1)
	}
}
