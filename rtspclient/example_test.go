package rtspclient_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// A program that counts what a camera sends.
func ExamplePlay() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := rtspclient.Play(ctx, "rtsp://user:password@192.0.2.7/stream1", &rtspclient.Config{
		Packet: func(p rtspclient.Packet) { fmt.Println(p.Track, p.RTCP, len(p.Data)) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	<-c.Done()
	log.Print(c.Err())
}

// A program that publishes.
func ExamplePublish() {
	desc, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n"))
	if err != nil {
		log.Fatal(err)
	}
	c, err := rtspclient.Publish(context.Background(), "rtsp://192.0.2.1/live", desc, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	var packet []byte // of RTP
	if err := c.Tracks()[0].WriteRTP(packet); err != nil {
		log.Print(err)
	}
}
