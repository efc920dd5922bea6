package rtsp

import "strings"

// A message is one message as some peer sends it, and what it means.
type message struct {
	name, raw string
	request   *Request // one of the two
	response  *Response
}

// goodMessages feeds the tests of reading, round trips and truncation, and the fuzz target.
func goodMessages() []message {
	options := &Request{Method: MethodOptions, URI: "*", Proto: "RTSP/1.0", Header: Header{{"CSeq", "1"}}}
	return []message{
		{name: "SYN-01 CRLF", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", request: options},
		{name: "SYN-01 LF", raw: "OPTIONS * RTSP/1.0\nCSeq: 1\n\n", request: options},
		{name: "SYN-01 CR", raw: "OPTIONS * RTSP/1.0\rCSeq: 1\r\r", request: options},
		{name: "SYN-01 mixed", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\n\r\n", request: options},
		{name: "SYN-03 blank lines first", raw: "\r\n\n\r\r\nOPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", request: options},
		{
			name: "SYN-04 folded", raw: "SETUP rtsp://h/p RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP;unicast;\r\n\tclient_port=5000-5001\r\n   \r\n  ;ttl=3\r\n\r\n",
			request: &Request{Method: MethodSetup, URI: "rtsp://h/p", Proto: "RTSP/1.0", Header: Header{
				{"CSeq", "3"}, {"Transport", "RTP/AVP;unicast; client_port=5000-5001 ;ttl=3"},
			}},
		},
		{
			name: "SYN-06 SYN-07 names and blanks", raw: "PLAY  rtsp://h/p \tRTSP/1.0 \r\ncseq :9\r\nSession:\tabc \t\r\nEmpty:\r\n\r\n",
			request: &Request{Method: MethodPlay, URI: "rtsp://h/p", Proto: "RTSP/1.0", Header: Header{
				{"cseq", "9"}, {"Session", "abc"}, {"Empty", ""},
			}},
		},
		{
			name: "SYN-08 SYN-10 unknown methods are read", raw: "options rtsp://h/p RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello",
			request: &Request{Method: "options", URI: "rtsp://h/p", Proto: "RTSP/1.0", Body: []byte("hello"), Header: Header{
				{"CSeq", "1"}, {"Content-Length", "5"},
			}},
		},
		{
			name: "SYN-18 bytes over 127", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Кам \xff\r\n\r\n",
			request: &Request{Method: MethodOptions, URI: "*", Proto: "RTSP/1.0", Header: Header{{"CSeq", "1"}, {"User-Agent", "Кам \xff"}}},
		},
		{
			name: "SYN-12 no chunked coding", raw: "SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n",
			request: &Request{Method: MethodSetParameter, URI: "*", Proto: "RTSP/1.0", Body: []byte("0\r\n"), Header: Header{
				{"CSeq", "1"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "3"},
			}},
		},
		{
			name: "FRM-02 a frame in a body is data", raw: "SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 8\r\n\r\n$\x00\x00\x04abcd",
			request: &Request{Method: MethodSetParameter, URI: "*", Proto: "RTSP/1.0", Body: []byte("$\x00\x00\x04abcd"), Header: Header{
				{"CSeq", "1"}, {"Content-Length", "8"},
			}},
		},
		{
			name: "body behind bare CR, beginning with LF", raw: "SET_PARAMETER * RTSP/1.0\rCSeq: 1\rContent-Length: 3\r\r\nab",
			request: &Request{Method: MethodSetParameter, URI: "*", Proto: "RTSP/1.0", Body: []byte("\nab"), Header: Header{
				{"CSeq", "1"}, {"Content-Length", "3"},
			}},
		},
		{
			name: "SYN-14 one length said twice", raw: "SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
			request: &Request{Method: MethodSetParameter, URI: "*", Proto: "RTSP/1.0", Body: []byte("ab"), Header: Header{
				{"CSeq", "1"}, {"Content-Length", "2"}, {"Content-Length", "2"},
			}},
		},
		{
			name: "SYN-16 long URI", raw: "DESCRIBE rtsp://h/" + strings.Repeat("p", 4000) + " RTSP/1.0\r\nCSeq: 1\r\n\r\n",
			request: &Request{Method: MethodDescribe, URI: "rtsp://h/" + strings.Repeat("p", 4000), Proto: "RTSP/1.0", Header: Header{{"CSeq", "1"}}},
		},
		{
			name: "leading zeros and a higher minor version", raw: "OPTIONS * RTSP/01.10\r\nCSeq: 1\r\n\r\n",
			request: &Request{Method: MethodOptions, URI: "*", Proto: "RTSP/01.10", Header: Header{{"CSeq", "1"}}},
		},
		{
			name: "CON-01 CSeq 0", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 0\r\n\r\n",
			request: &Request{Method: MethodOptions, URI: "*", Proto: "RTSP/1.0", Header: Header{{"CSeq", "0"}}},
		},
		{
			name: "SYN-31 Timestamp is kept exactly", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nTimestamp: 3.14\r\n\r\n",
			request: &Request{Method: MethodOptions, URI: "*", Proto: "RTSP/1.0", Header: Header{{"CSeq", "1"}, {"Timestamp", "3.14"}}},
		},
		{
			name: "response", raw: "RTSP/1.0 404 Not Found\r\nCSeq: 2\r\nContent-Length: 4\r\n\r\nnone",
			response: &Response{Proto: "RTSP/1.0", Status: 404, Reason: "Not Found", Body: []byte("none"), Header: Header{
				{"CSeq", "2"}, {"Content-Length", "4"},
			}},
		},
		{
			name: "SYN-26 unknown status, no reason", raw: "RTSP/1.0 299\r\nCSeq: 2\r\n\r\n",
			response: &Response{Proto: "RTSP/1.0", Status: 299, Header: Header{{"CSeq", "2"}}},
		},
		{
			name: "SYN-13 no body with 304", raw: "RTSP/1.0 304 Not Modified\r\nCSeq: 2\r\nContent-Length: 10\r\n\r\n",
			response: &Response{Proto: "RTSP/1.0", Status: 304, Reason: "Not Modified", Header: Header{{"CSeq", "2"}, {"Content-Length", "10"}}},
		},
		{
			name: "CON-10 CON-12 response without CSeq", raw: "RTSP/1.0 501 Not Implemented\r\n\r\n",
			response: &Response{Proto: "RTSP/1.0", Status: 501, Reason: "Not Implemented", Header: Header{}},
		},
		{
			name: "a camera's response with a line that is no header", raw: "RTSP/1.0 200 OK\r\nCSeq: 2\r\nrubbish\r\nSession: 1\r\n\r\n",
			response: &Response{Proto: "RTSP/1.0", Status: 200, Reason: "OK", Header: Header{{"CSeq", "2"}, {"Session", "1"}}},
		},
		{
			name: "response of another version", raw: "RTSP/2.0 505 RTSP Version Not Supported\r\nCSeq: 2\r\n\r\n",
			response: &Response{Proto: "RTSP/2.0", Status: 505, Reason: "RTSP Version Not Supported", Header: Header{{"CSeq", "2"}}},
		},
	}
}

// A refusal is a message that breaks a rule.
type refusal struct {
	name, raw string
	want      MessageError // Err is not compared
	uri       string       // of the request that is kept nevertheless, "" for none
}

// badMessages feeds the tests of refusals and truncation, and the fuzz target.
func badMessages() []refusal {
	bad := func(cseq string) MessageError { return MessageError{Status: 400, CSeq: cseq} }
	lost := func(cseq string) MessageError { return MessageError{Status: 400, CSeq: cseq, Fatal: true} }
	length := func(lines string) string {
		return "ANNOUNCE rtsp://h/p RTSP/1.0\r\nCSeq: 7\r\n" + lines + "\r\n\r\n"
	}
	return []refusal{
		{name: "CON-02 no CSeq", raw: "OPTIONS * RTSP/1.0\r\n\r\n", want: bad(""), uri: "*"},
		{name: "CON-02 garbled CSeq", raw: "OPTIONS * RTSP/1.0\r\nCSeq: x\r\n\r\n", want: bad(""), uri: "*"},
		{name: "CON-02 two CSeqs", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nCSeq: 2\r\n\r\n", want: bad("1"), uri: "*"},
		{name: "CON-02 body is consumed", raw: "SET_PARAMETER * RTSP/1.0\r\nContent-Length: 3\r\n\r\nabc", want: bad(""), uri: "*"},
		{name: "CON-02 CSeq behind the error", raw: "OPTIONS * RTSP/1.0\r\nrubbish\r\nCSeq: 5\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "ERR-400 name is no token", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 5\r\nX Y: 1\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "ERR-400 empty name", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 5\r\n: 1\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "ERR-400 NUL in value", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 5\r\nX: a\x00b\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "ERR-400 nothing to continue", raw: "OPTIONS * RTSP/1.0\r\n X: 1\r\nCSeq: 5\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "ERR-400 no version", raw: "OPTIONS rtsp://h/p\r\nCSeq: 5\r\n\r\n", want: bad("5")},
		{name: "ERR-400 bad version", raw: "OPTIONS rtsp://h/p RTSP/1\r\nCSeq: 5\r\n\r\n", want: bad("5")},
		{name: "ERR-400 control byte in URI", raw: "OPTIONS rtsp://h/\x01p RTSP/1.0\r\nCSeq: 5\r\n\r\n", want: bad("5")},
		{name: "ERR-400 bad status line", raw: "RTSP/1.0 2OO OK\r\nCSeq: 5\r\n\r\n", want: bad("5")},
		{name: "SYN-16 too many headers", raw: "OPTIONS * RTSP/1.0\r\n" + strings.Repeat("X-Foo: bar\r\n", 201) + "CSeq: 5\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "SYN-16 header too long", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 5\r\nX: " + strings.Repeat("x", 8190) + "\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "SYN-16 folded header too long", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 5\r\nX: y" + strings.Repeat("\r\n xxxxxxxx", 1000) + "\r\n\r\n", want: bad("5"), uri: "*"},
		{name: "SYN-16 header block too long", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 5\r\n" + strings.Repeat("X: "+strings.Repeat("x", 4000)+"\r\n", 18), want: lost("5")},
		{name: "SYN-16 URI too long", raw: "OPTIONS rtsp://h/" + strings.Repeat("p", 4096) + " RTSP/1.0\r\nCSeq: 5\r\n\r\n", want: MessageError{Status: 414, CSeq: "5"}},
		{name: "SYN-16 URI without end", raw: "OPTIONS rtsp://h/" + strings.Repeat("p", 70000), want: MessageError{Status: 414, Fatal: true}},
		{name: "SYN-15 body too long", raw: length("Content-Length: 99999999"), want: MessageError{Status: 413, CSeq: "7", Fatal: true}},
		{name: "SYN-14 negative length", raw: length("Content-Length: -1"), want: lost("7")},
		{name: "SYN-14 length with exponent", raw: length("Content-Length: 1e9"), want: lost("7")},
		{name: "SYN-14 length overflows", raw: length("Content-Length: 9223372036854775808"), want: lost("7")},
		{name: "SYN-14 two lengths", raw: length("Content-Length: 1\r\nContent-Length: 2"), want: lost("7")},
		{name: "SYN-14 empty length", raw: length("Content-Length:"), want: lost("7")},
		{name: "SYN-14 length behind too many headers", raw: length(strings.Repeat("X:\r\n", 200) + "Content-Length: x"), want: lost("7")},
		{name: "SYN-14 length in a line too long", raw: length("Content-Length: " + strings.Repeat(" ", 8190) + "x"), want: lost("7")},
		{name: "SYN-14 length with NUL", raw: length("Content-Length: 5\x00"), want: lost("7")},
		{name: "SYN-11 SDP without length", raw: "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", want: lost("")},
		{name: "another protocol", raw: "\x16\x03\x01\x02\x00", want: lost("")},
		{name: "one word", raw: "packets_received\r\n", want: lost("")},
		{name: "ERR-505 RTSP 3.0", raw: "OPTIONS * RTSP/3.0\r\nCSeq: 4\r\n\r\n", want: MessageError{Status: 505, CSeq: "4"}, uri: "*"},
		{name: "ERR-505 SEC-04 HTTP, no CSeq", raw: "GET /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", want: MessageError{Status: 505, Fatal: true}},
		{name: "ERR-505 SEC-04 HTTP", raw: "POST /p HTTP/1.1\r\nCSeq: 3\r\n\r\n", want: MessageError{Status: 505, CSeq: "3", Fatal: true}},
	}
}
