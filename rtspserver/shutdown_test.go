package rtspserver_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtspserver"
)

// RTP-09: a server that is shut down ends its sessions in order, within 2 s: 50 of them, of readers over
// tcp and udp, playing and paused, of publishers, and of clients that do not read; each reader that does
// gets BYE, then the end of its connection.
func TestShutdownSaysGoodbye(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		var clients []*servertest.Client
		lanes := map[int]*servertest.Lane{}
		for i := range 50 {
			c := w.DialAs(fmt.Sprintf("192.0.2.%d", 20+i))
			defer c.Close()
			clients = append(clients, c)
			switch i % 5 {
			case 0, 1:
				lanes[i] = c.Watch("cam", []string{"tcp", "udp"}[i%5], 1)[0]
			case 2:
				lanes[i] = c.Watch("cam", "tcp", 1)[0]
				c.Do("PAUSE", "cam")
			case 3:
				c.Publish(fmt.Sprintf("pub%d", i), servertest.Audio, []string{"tcp", "udp"}[i%2])
			case 4:
				c.Watch("cam", "tcp", 1)
			}
		}
		for range 300 { // more than the connections of those who do not read can take
			servertest.Write(live, 0, src.Packet(true, make([]byte, 1000)...))
			w.Settle()
			for i, lane := range lanes {
				if i%5 != 2 {
					lane.RTP(time.Millisecond)
				}
			}
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		w.Server.Shutdown(ctx)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		for i, lane := range lanes {
			if !bye(lane) {
				t.Errorf("reader %d got no BYE", i)
			}
		}
		for i, c := range clients {
			if !c.Closed() {
				t.Errorf("connection %d is open", i)
			}
		}
	})
}

// A server that is closed takes nothing new, and closes what it is given.
func TestClosedServerTakesNothing(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		ln, err := w.Net.Listen(servertest.ServerHost + ":555")
		if err != nil {
			t.Fatal(err)
		}
		a, b, _ := w.Packets(servertest.ServerHost)
		w.Server.Close()
		if err := w.Server.Serve(ln); err != rtspserver.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		if err := w.Server.ServePackets(a, b); err != rtspserver.ErrServerClosed {
			t.Errorf("ServePackets: %v", err)
		}
		if err := w.Server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}
