package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/h264writer"
	"github.com/pion/webrtc/v4/pkg/media/h265writer"
	"github.com/pion/webrtc/v4/pkg/media/ivfwriter"
)

// watcher writes the video that comes into a file, for a decoder to judge.
type watcher struct {
	options
	lock   sync.Mutex
	frames map[string]int
	codecs map[string]string
	found  [][]uint32
	errors []string
	tracks sync.WaitGroup
}

func (w *watcher) prepare(peer *webrtc.PeerConnection, end func(string)) error {
	w.frames = map[string]int{"audio": 0, "video": 0}
	w.codecs = map[string]string{}
	w.errors = []string{}
	w.found = [][]uint32{}
	for _, kind := range []webrtc.RTPCodecType{
		webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio,
	} {
		_, err := peer.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{
			Direction: webrtc.RTPTransceiverDirectionRecvonly,
		})
		if err != nil {
			return err
		}
	}
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		w.tracks.Add(1)
		defer w.tracks.Done()
		w.fail(w.consume(track))
	})
	if w.clouds == 0 {
		return nil
	}
	protocol := pointsProtocol
	channel, err := peer.CreateDataChannel("points", &webrtc.DataChannelInit{
		Protocol: &protocol,
	})
	if err != nil {
		return err
	}
	var reader cloudReader
	channel.OnMessage(func(message webrtc.DataChannelMessage) {
		if message.IsString {
			if isBye(message.Data) {
				end("bye")
			}
			return
		}
		cloud, err := reader.read(message.Data)
		w.fail(err)
		if cloud == nil {
			return
		}
		w.lock.Lock()
		defer w.lock.Unlock()
		w.found = append(w.found, cloud)
		if len(w.found) == w.clouds {
			tell("clouds", fields{"count": w.clouds})
		}
	})
	return nil
}

func isBye(text []byte) bool {
	var said struct{ Type string }
	return json.Unmarshal(text, &said) == nil && said.Type == "bye"
}

func (w *watcher) fail(err error) {
	if err == nil {
		return
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.errors = append(w.errors, err.Error())
}

// consume takes the packets of a track until there are no more.
func (w *watcher) consume(track *webrtc.TrackRemote) error {
	kind := track.Kind().String()
	_, codec, _ := strings.Cut(track.Codec().MimeType, "/")
	w.lock.Lock()
	w.codecs[kind] = codec
	w.lock.Unlock()
	var writer media.Writer
	var err error
	switch {
	case codec == "VP8" || codec == "VP9" || codec == "AV1":
		writer, err = ivfwriter.New(w.video, ivfwriter.WithCodec("video/"+codec))
	case codec == "H264":
		writer, err = h264writer.New(w.video)
	case codec == "H265":
		writer, err = h265writer.New(w.video)
	}
	if err != nil {
		return err
	}
	if writer != nil {
		defer writer.Close()
	}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			// It is over.
			return nil
		}
		if writer != nil {
			if err = writer.WriteRTP(packet); err != nil {
				return err
			}
		}
		w.count(kind, packet)
	}
}

// count counts a frame: its last packet has the marker, and sound one packet.
func (w *watcher) count(kind string, packet *rtp.Packet) {
	if kind == "video" && !packet.Marker {
		return
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.frames[kind]++
	tell(kind, fields{"frames": w.frames[kind]})
}

func (w *watcher) run(context.Context) error { return nil }

func (w *watcher) report(report fields) {
	w.tracks.Wait()
	w.lock.Lock()
	defer w.lock.Unlock()
	report["frames"] = w.frames
	report["codecs"] = w.codecs
	report["clouds"] = w.found
	report["errors"] = w.errors
}
