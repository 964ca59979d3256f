package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/h264reader"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

const (
	videoPeriod = time.Second / 30
	audioPeriod = 20 * time.Millisecond
	cloudPeriod = 100 * time.Millisecond
)

// publisher sends its files once, at their pace.
type publisher struct {
	options
	video, audio *webrtc.TrackLocalStaticSample
	channel      *webrtc.DataChannel
	opened       chan struct{}
	delivered    chan struct{}
}

func (p *publisher) prepare(peer *webrtc.PeerConnection, _ func(string)) error {
	var err error
	if p.clouds > 0 {
		protocol := pointsProtocol
		p.channel, err = peer.CreateDataChannel("points", &webrtc.DataChannelInit{
			Protocol: &protocol,
		})
		if err != nil {
			return err
		}
		p.opened = make(chan struct{})
		p.delivered = make(chan struct{})
		p.channel.OnMessage(p.receive)
	}
	p.video, err = addTrack(peer, "video/"+p.codec, "video")
	if err != nil {
		return err
	}
	p.audio, err = addTrack(peer, webrtc.MimeTypeOpus, "audio")
	return err
}

func addTrack(
	peer *webrtc.PeerConnection, mimeType, id string,
) (*webrtc.TrackLocalStaticSample, error) {
	track, err := webrtc.NewTrackLocalStaticSample(
		webrtc.RTPCodecCapability{MimeType: mimeType}, id, "pion",
	)
	if err != nil {
		return nil, err
	}
	sender, err := peer.AddTrack(track)
	if err != nil {
		return nil, err
	}
	// Interceptors see feedback only where somebody reads it.
	go func() {
		buffer := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(buffer); err != nil {
				return
			}
		}
	}()
	return track, nil
}

// receive takes what the server says: hello, then acknowledgements.
func (p *publisher) receive(message webrtc.DataChannelMessage) {
	var said struct {
		Type   string
		Frames int
	}
	if json.Unmarshal(message.Data, &said) != nil {
		return
	}
	switch said.Type {
	case "hello":
		close(p.opened)
	case "ack":
		if said.Frames == p.clouds {
			close(p.delivered)
		}
	}
}

func (p *publisher) run(ctx context.Context) error {
	video, err := readVideo(p.codec, p.options.video)
	if err != nil {
		return err
	}
	audio, err := readAudio(p.options.audio)
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	var failures [3]error
	send := func(index int, body func() error) {
		group.Add(1)
		go func() {
			defer group.Done()
			failures[index] = body()
		}()
	}
	send(0, func() error { return sendSamples(ctx, p.video, video, videoPeriod) })
	send(1, func() error { return sendSamples(ctx, p.audio, audio, audioPeriod) })
	send(2, func() error { return p.sendClouds(ctx) })
	group.Wait()
	if err := errors.Join(failures[:]...); err != nil {
		return err
	}
	tell("sent", fields{"video": len(video), "audio": len(audio), "clouds": p.clouds})
	return nil
}

func (p *publisher) report(fields) {}

func sendSamples(
	ctx context.Context, track *webrtc.TrackLocalStaticSample, samples [][]byte,
	period time.Duration,
) error {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for _, data := range samples {
		if err := track.WriteSample(media.Sample{Data: data, Duration: period}); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *publisher) sendClouds(ctx context.Context) error {
	if p.clouds == 0 {
		return nil
	}
	await := func(what <-chan struct{}) error {
		select {
		case <-what:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := await(p.opened); err != nil {
		return err
	}
	for number := range p.clouds {
		for _, message := range splitCloud(makeCloud(number, p.points), number, p.points) {
			if err := p.channel.Send(message); err != nil {
				return err
			}
		}
		time.Sleep(cloudPeriod)
	}
	return await(p.delivered)
}

// readVideo gives the frames of a file.
func readVideo(codec, path string) ([][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	switch codec {
	case "H264":
		return readAnnexB(file)
	case "H265":
		return readH265(file)
	}
	reader, _, err := ivfreader.NewWith(file)
	if err != nil {
		return nil, err
	}
	return readAll(func() ([]byte, error) {
		frame, _, err := reader.ParseNextFrame()
		return frame, err
	})
}

// readAnnexB gives access units, which begin with a delimiter each.
func readAnnexB(file io.Reader) ([][]byte, error) {
	reader, err := h264reader.NewReader(file)
	if err != nil {
		return nil, err
	}
	var units [][]byte
	for {
		nal, err := reader.NextNAL()
		if errors.Is(err, io.EOF) {
			return units, nil
		}
		if err != nil {
			return nil, err
		}
		if nal.UnitType == h264reader.NalUnitTypeAUD {
			units = append(units, nil)
			continue
		}
		last := &units[len(units)-1]
		*last = append(append(*last, 0, 0, 0, 1), nal.Data...)
	}
}

// readH265 gives access units, which begin with a delimiter (type 35) each.
func readH265(file io.Reader) ([][]byte, error) {
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	delimiter := []byte{0, 0, 0, 1, 35 << 1}
	var units [][]byte
	for _, rest := range bytes.Split(data, delimiter)[1:] {
		units = append(units, append(bytes.Clone(delimiter), rest...))
	}
	return units, nil
}

// readAudio gives the packets of a file with one on each page.
func readAudio(path string) ([][]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	reader, _, err := oggreader.NewWith(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	packets, err := readAll(func() ([]byte, error) {
		packet, _, err := reader.ParseNextPage()
		return packet, err
	})
	if err != nil {
		return nil, err
	}
	// The first page here is the comments'.
	return packets[1:], nil
}

func readAll(next func() ([]byte, error)) ([][]byte, error) {
	var all [][]byte
	for {
		data, err := next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, bytes.Clone(data))
	}
}
