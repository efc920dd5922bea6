package simnet

import (
	"io"
	"testing"
)

func BenchmarkConn(b *testing.B) {
	n := New(nil)
	defer n.Close()
	l, err := n.Listen(server)
	if err != nil {
		b.Fatal(err)
	}
	near, err := n.Dial(b.Context(), client, l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 1400)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := near.Write(data); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(far, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPacketConn(b *testing.B) {
	n := New(nil)
	defer n.Close()
	from, err := n.ListenPacket(client)
	if err != nil {
		b.Fatal(err)
	}
	to, err := n.ListenPacket(server)
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 1400)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := from.WriteToUDPAddrPort(data, to.addr); err != nil {
			b.Fatal(err)
		}
		if _, _, err := to.ReadFromUDPAddrPort(data); err != nil {
			b.Fatal(err)
		}
	}
}
