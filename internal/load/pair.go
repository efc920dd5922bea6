package load

import (
	"errors"
	"net"
)

// listenPair opens an even port and the next one.
func listenPair(local net.IP) (rtp, rtcp *net.UDPConn, err error) {
	for range 100 {
		if rtp, err = net.ListenUDP("udp", &net.UDPAddr{IP: local}); err != nil {
			return nil, nil, err
		}
		if port := rtp.LocalAddr().(*net.UDPAddr).Port; port%2 == 0 {
			if rtcp, err = net.ListenUDP("udp", &net.UDPAddr{IP: local, Port: port + 1}); err == nil {
				return rtp, rtcp, nil
			}
		}
		rtp.Close()
	}
	return nil, nil, errors.New("no two free ports")
}
