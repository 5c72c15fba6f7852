package postgres

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// PostgreSQL's text cannot hold NUL, nor bytes that are not UTF-8, which SQLite
// stores and finds like any other. Nobody should have to know which database
// there is, so both are written as sequences that begin with U+0001, and that
// character is as well. Texts without any of these, which are all but a few
// attacks, are stored as they are. The order of valid texts stays the same.
const (
	mark       = '\x01'
	markedNUL  = "\x01\x01"
	markedMark = "\x01\x02"
	markedByte = "\x01\x03" // two hexadecimal digits follow
)

func escape(text string) string {
	if strings.IndexByte(text, 0) < 0 && strings.IndexByte(text, mark) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == 0:
			b.WriteString(markedNUL)
		case r == mark:
			b.WriteString(markedMark)
		case r == utf8.RuneError && size == 1:
			b.WriteString(markedByte)
			b.WriteString(hex.EncodeToString([]byte{text[i]}))
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// unescape is the inverse of escape.
func unescape(text string) string {
	if strings.IndexByte(text, mark) < 0 {
		return text
	}
	var b strings.Builder
	for {
		before, rest, marked := strings.Cut(text, string(mark))
		b.WriteString(before)
		if !marked {
			return b.String()
		}
		switch {
		case strings.HasPrefix(rest, "\x01"):
			b.WriteByte(0)
			text = rest[1:]
		case strings.HasPrefix(rest, "\x02"):
			b.WriteByte(mark)
			text = rest[1:]
		default: // markedByte
			one, err := hex.DecodeString(rest[1:min(3, len(rest))])
			if err != nil || len(one) != 1 {
				b.WriteByte(mark) // not ours
				text = rest
				continue
			}
			b.Write(one)
			text = rest[3:]
		}
	}
}
