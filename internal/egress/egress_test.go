package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// The policy that the product has when nothing is configured: cameras are reached wherever they are, and who
// hands out the credentials of a cloud machine is not, however its address is written.
func TestDefaultPolicy(t *testing.T) {
	p, err := New([]string{"link-local", "metadata"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for addr, denied := range map[string]bool{
		"192.168.1.64": false, "10.0.0.7": false, "172.16.3.4": false, "100.64.0.9": false, "fd12::7": false,
		"127.0.0.1": false, "::1": false, "0.0.0.0": false, "203.0.113.5": false, "2001:db8::1": false, "169.253.255.255": false,
		"169.254.169.254": true, "169.254.0.1": true, "169.254.170.2": true, "::ffff:169.254.169.254": true,
		"64:ff9b::a9fe:a9fe": true, "::a9fe:a9fe": true, "2002:a9fe:a9fe::1": true,
		"fe80::1": true, "fe80::1%eth0": true, "febf::1": true, "fec0::1": false,
		"fd00:ec2::254": true, "100.100.100.200": true, "168.63.129.16": true, "192.0.0.192": true, "fd20:ce::254": true,
	} {
		err := p.Check(netip.MustParseAddr(addr))
		if refused := errors.As(err, new(*DeniedError)); refused != denied || refused != (err != nil) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// What is allowed is allowed although it is denied with others, and unspecified is this machine.
func TestAllowBeatsDeny(t *testing.T) {
	p, err := New([]string{"all"}, []string{"192.168.1.0/24", "fe80::7", "2001:db8::5/48"})
	if err != nil {
		t.Fatal(err)
	}
	for addr, denied := range map[string]bool{
		"192.168.1.64": false, "192.168.2.64": true, "fe80::7%eth0": false, "fe80::8": true, "2001:db8:0:9::": false, "::ffff:192.168.1.1": false,
	} {
		if err := p.Check(netip.MustParseAddr(addr)); (err != nil) != denied {
			t.Errorf("%s: %v", addr, err)
		}
	}
	p, _ = New([]string{"loopback"}, nil)
	for _, addr := range []string{"0.0.0.0", "::", "127.9.9.9", "::1", "::ffff:127.0.0.1"} {
		if p.Check(netip.MustParseAddr(addr)) == nil {
			t.Errorf("%s is not denied", addr)
		}
	}
}

func TestWordsThatNameNothing(t *testing.T) {
	for _, word := range []string{"", "linklocal", "10.0.0.0/33", "10.0.0", "camera.lan", "10.0.0.0/8/8"} {
		if _, err := New([]string{word}, nil); err == nil {
			t.Errorf("deny %q", word)
		}
		if _, err := New(nil, []string{word}); err == nil {
			t.Errorf("allow %q", word)
		}
	}
}

// A dialer asks with the address that a name has, not with the name; nothing connects to what is denied.
func TestNamesAreJudgedByTheirAddress(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	for deny, denied := range map[string]bool{"loopback": true, "metadata": false} {
		p, err := New([]string{deny}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"localhost", "127.0.0.1", "0.0.0.0", "::ffff:127.0.0.1"} {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			nc, err := (&net.Dialer{Control: p.Control}).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
			cancel()
			if err == nil {
				nc.Close()
			}
			if errors.As(err, new(*DeniedError)) != denied || (err != nil) != denied {
				t.Errorf("deny %s, dial %s: %v", deny, host, err)
			}
		}
	}
	if (*Policy)(nil).Control("tcp", "169.254.169.254:80", nil) != nil || new(Policy).Control("tcp", "169.254.169.254:80", nil) != nil {
		t.Error("without a policy something is denied")
	}
	if new(Policy).Control("unix", "/run/x", nil) == nil {
		t.Error("a Unix socket may be dialled")
	}
}
