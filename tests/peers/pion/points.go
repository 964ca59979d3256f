package main

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"time"
)

// The points channel, after docs/wire.md.
const (
	pointsProtocol = "pointwire.v1"
	headerBytes    = 24
	chunkBytes     = 16_000
	pointBytes     = 12
)

// makeCloud gives float32 x y z: whole numbers that count up from the frame's.
func makeCloud(number, points int) []byte {
	data := make([]byte, 0, points*pointBytes)
	for i := range points * 3 {
		value := math.Float32bits(float32(number + i))
		data = binary.LittleEndian.AppendUint32(data, value)
	}
	return data
}

// splitCloud gives the messages of a frame of codec f32.
func splitCloud(data []byte, number, points int) [][]byte {
	now := float64(time.Now().UnixMicro()) / 1000
	chunks := (len(data) + chunkBytes - 1) / chunkBytes
	messages := make([][]byte, 0, chunks)
	for index := range chunks {
		part := data[index*chunkBytes : min((index+1)*chunkBytes, len(data))]
		message := make([]byte, headerBytes, headerBytes+len(part))
		message[0] = 1
		binary.LittleEndian.PutUint32(message[4:], uint32(number))
		binary.LittleEndian.PutUint32(message[8:], uint32(points))
		binary.LittleEndian.PutUint16(message[12:], uint16(index))
		binary.LittleEndian.PutUint16(message[14:], uint16(chunks))
		binary.LittleEndian.PutUint64(message[16:], math.Float64bits(now))
		messages = append(messages, append(message, part...))
	}
	return messages
}

// cloudReader puts frames together from their messages.
type cloudReader struct {
	next int
	sum  uint32
}

// read takes a message; it gives number, points and the bytes' CRC-32 with the last one
// of a frame.
func (r *cloudReader) read(message []byte) (cloud []uint32, err error) {
	if len(message) < headerBytes || message[0] != 1 || message[1] != 0 {
		return nil, errors.New("this is no message of codec f32")
	}
	index := int(binary.LittleEndian.Uint16(message[12:]))
	chunks := int(binary.LittleEndian.Uint16(message[14:]))
	if index != r.next {
		return nil, errors.New("this is not the frame's next message")
	}
	if index == 0 {
		r.sum = 0
	}
	r.sum = crc32.Update(r.sum, crc32.IEEETable, message[headerBytes:])
	r.next = (index + 1) % chunks
	if r.next > 0 {
		return nil, nil
	}
	number := binary.LittleEndian.Uint32(message[4:])
	points := binary.LittleEndian.Uint32(message[8:])
	return []uint32{number, points, r.sum}, nil
}
