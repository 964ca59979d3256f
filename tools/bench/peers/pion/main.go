// A peer of the transport bench: Pion. See protocol.ts for what it says.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	messageBytes = 65_532
	// What waits for an acknowledgement counts, too: with less, it is the window.
	keptBytes          = 4 * 1024 * 1024
	receiveBufferBytes = 4 * 1024 * 1024
)

type fields map[string]any

// say writes a line of JSON.
func say(message fields) error {
	return json.NewEncoder(os.Stdout).Encode(message)
}

var input = bufio.NewReader(os.Stdin)

// hear gives the description of the next line.
func hear() (string, error) {
	line, err := input.ReadBytes('\n')
	if err != nil {
		return "", err
	}
	var heard struct{ SDP string }
	return heard.SDP, json.Unmarshal(line, &heard)
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func newPeer() (*webrtc.PeerConnection, error) {
	var settings webrtc.SettingEngine
	settings.SetSCTPMaxReceiveBufferSize(receiveBufferBytes)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings)).
		NewPeerConnection(webrtc.Configuration{})
}

// describe sets our description, and says it once all candidates are in it.
func describe(peer *webrtc.PeerConnection, ours webrtc.SessionDescription) error {
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(ours); err != nil {
		return err
	}
	<-gathered
	return say(fields{"sdp": peer.LocalDescription().SDP})
}

func send(peer *webrtc.PeerConnection, lasts time.Duration) error {
	channel, err := peer.CreateDataChannel("bench", nil)
	if err != nil {
		return err
	}
	opened := make(chan struct{})
	channel.OnOpen(func() { close(opened) })
	offer, err := peer.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err = describe(peer, offer); err != nil {
		return err
	}
	answer, err := hear()
	if err != nil {
		return err
	}
	err = peer.SetRemoteDescription(webrtc.SessionDescription{
		Type: webrtc.SDPTypeAnswer, SDP: answer,
	})
	if err != nil {
		return err
	}
	<-opened
	cpu := cpuSeconds()
	if err = fill(channel, time.Now().Add(lasts)); err != nil {
		return err
	}
	return say(fields{"done": true, "cpu": cpuSeconds() - cpu})
}

// fill keeps so many bytes waiting in the channel until a time.
func fill(channel *webrtc.DataChannel, until time.Time) error {
	low := make(chan struct{}, 1)
	channel.SetBufferedAmountLowThreshold(keptBytes / 2)
	channel.OnBufferedAmountLow(func() {
		select {
		case low <- struct{}{}:
		default:
		}
	})
	message := make([]byte, messageBytes)
	over := time.After(time.Until(until))
	for {
		for channel.BufferedAmount() < keptBytes {
			if time.Now().After(until) {
				return nil
			}
			if err := channel.Send(message); err != nil {
				return err
			}
		}
		select {
		case <-low:
		case <-over:
			return nil
		}
	}
}

func receive(peer *webrtc.PeerConnection, seconds int) error {
	var bytes atomic.Int64
	started := make(chan struct{})
	peer.OnDataChannel(func(channel *webrtc.DataChannel) {
		channel.OnMessage(func(message webrtc.DataChannelMessage) {
			if bytes.Add(int64(len(message.Data))) == int64(len(message.Data)) {
				close(started)
			}
		})
	})
	offer, err := hear()
	if err != nil {
		return err
	}
	err = peer.SetRemoteDescription(webrtc.SessionDescription{
		Type: webrtc.SDPTypeOffer, SDP: offer,
	})
	if err != nil {
		return err
	}
	answer, err := peer.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err = describe(peer, answer); err != nil {
		return err
	}
	<-started
	cpu, last, perSecond := cpuSeconds(), int64(0), make([]int64, seconds)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for i := range perSecond {
		<-ticker.C
		now := bytes.Load()
		perSecond[i], last = now-last, now
	}
	return say(fields{"received": fields{
		"bytes": last, "perSecond": perSecond, "cpu": cpuSeconds() - cpu,
	}})
}

// versions says which releases this program is made of.
func versions() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without its modules' names")
	}
	found := map[string]string{}
	for _, module := range info.Deps {
		found[module.Path] = module.Version
	}
	fmt.Printf("%s (sctp %s)\n",
		found["github.com/pion/webrtc/v4"], found["github.com/pion/sctp"])
	return nil
}

func run(role, count string) error {
	seconds, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	peer, err := newPeer()
	if err != nil {
		return err
	}
	if role == "send" {
		err = send(peer, time.Duration(seconds)*time.Second)
	} else {
		err = receive(peer, seconds)
	}
	if err != nil {
		return err
	}
	// It ends when it is told to, or when nobody is there any more.
	_, _ = hear()
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "version":
		err = versions()
	case len(os.Args) >= 3:
		err = run(os.Args[1], os.Args[2])
	default:
		err = errors.New("usage: pion send|receive SECONDS, or pion version")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
