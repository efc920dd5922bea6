package payload

import (
	"bytes"
	"fmt"
)

// parseScan reads SOS (T.81 §B.2.3), and checks the tables it uses.
func (m *jpegImage) parseScan(body []byte) error {
	if m.width == 0 || len(body) < 1 || len(body) < 4+2*int(body[0]) {
		return ErrMalformed
	}
	if body[0] != 3 {
		return fmt.Errorf("%w: more than one scan", ErrUnsupported)
	}
	for i, part := range m.parts {
		if body[1+2*i] != part.id {
			return fmt.Errorf("%w: components out of order", ErrUnsupported)
		}
		dc, ac := body[2+2*i]>>4, body[2+2*i]&0xF
		if dc > 3 || ac > 3 {
			return ErrMalformed
		}
		if !m.standard(0, dc, i > 0) || !m.standard(1, ac, i > 0) {
			return fmt.Errorf("%w: Huffman tables are not the standard ones", ErrUnsupported)
		}
	}
	return m.checkQuant()
}

// checkQuant finds the two quantization tables.
func (m *jpegImage) checkQuant() error {
	m.luma, m.chroma = m.parts[0].quant, m.parts[1].quant
	third := m.quant[m.parts[2].quant]
	if m.quant[m.luma].data == nil || m.quant[m.chroma].data == nil || third.data == nil {
		return ErrMalformed
	}
	if !bytes.Equal(m.quant[m.chroma].data, third.data) {
		return fmt.Errorf("%w: three quantization tables", ErrUnsupported)
	}
	return nil
}

// cutScan keeps the entropy-coded data, without EOI and fill bytes.
func (m *jpegImage) cutScan(data []byte) error {
	end, err := scanEnd(data)
	if err != nil {
		return err
	}
	for end > 0 && data[end-1] == 0xFF {
		end--
	}
	m.scan = data[:end]
	if len(m.scan) == 0 || len(m.scan)-1 > jpegMaxOffset {
		return ErrMalformed
	}
	return nil
}

// scanEnd finds EOI, or the end of the bytes where a camera left EOI out.
// Another marker than RST means a second scan or a height that comes late.
func scanEnd(data []byte) (int, error) {
	for at := 0; ; {
		next := bytes.IndexByte(data[at:], 0xFF)
		if next < 0 || at+next+1 == len(data) {
			return len(data), nil
		}
		at += next
		switch marker := data[at+1]; {
		case marker == markEOI:
			return at, nil
		case marker == 0xFF: // a fill byte
			at++
		case marker == 0 || marker >= markRST0 && marker <= markRST7:
			at += 2
		default:
			return 0, fmt.Errorf("%w: marker %#x in the scan", ErrUnsupported, marker)
		}
	}
}
