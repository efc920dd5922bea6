// Package rtspclient is the client side of RTSP 1.0 (RFC 2326): it plays and publishes, over UDP, multicast or the connection
// itself, and copes with the cameras that there are.
//
// [Play] does what most programs want: it describes, sets up and plays all tracks of a URL, over UDP where that works and over
// TCP where it does not, follows redirects, and hands each packet to [Config.Packet]. [Publish] is the same for sending.
// [Follow] goes on where the server sends the client. What is behind them, a [Client] from [Dial], has one method for each
// method of RTSP, for programs that want to do something else.
//
// URLs of WebSocket (ws, wss) are those of servers that speak RTSP there, as ONVIF has it; [Config.RequestURL] says for what.
//
// A client keeps its session alive, answers the server's requests, sends receiver or sender reports, and puts datagrams in
// order. It has one goroutine for its connection, one for its timers and two for each UDP track; none is left when
// [Client.Close] has returned.
//
// Errors are values to look into with [errors.As]: *[rtsp.StatusError] is what the server refused, *[RedirectError] where it
// sends the client, *[TimeoutError] what it did not answer. [ErrSilence] and [net.ErrClosed] are to compare with.
package rtspclient
