package rtspserver

// options answers OPTIONS (RFC 2326 §10.1). It needs no resource and changes nothing.
func (c *Conn) options(x *exchange) error {
	x.resp.Header.Set("Public", public)
	return nil
}
