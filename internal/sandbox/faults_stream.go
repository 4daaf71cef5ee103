package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"time"
)

// bomb is a compressed body that unpacks to that many blanks. It is many small ones in a row, which gzip takes for one.
func bomb(size int) []byte {
	const part = 1 << 20
	var one, all bytes.Buffer
	pack(&one, part)
	for ; size > part; size -= part {
		all.Write(one.Bytes())
	}
	pack(&all, size)
	return all.Bytes()
}

func pack(to *bytes.Buffer, blanks int) {
	z, _ := gzip.NewWriterLevel(to, gzip.BestCompression) // the level is a good one
	_, _ = z.Write(bytes.Repeat([]byte(" "), blanks))     // into memory
	_ = z.Close()
}

// The pace of an endless body.
const (
	endlessPart  = 64 << 10
	endlessPause = 10 * time.Millisecond
)

// endlessBody is a body that never ends. Reading from it takes time, by the machine's clock, until the context ends.
type endlessBody struct {
	ctx  context.Context
	left int // to be read before the next pause
}

func (b *endlessBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		if !wait(b.ctx, endlessPause) {
			return 0, b.ctx.Err()
		}
		b.left = endlessPart
	}
	n := min(len(p), b.left)
	b.left -= n
	for i := range p[:n] {
		p[i] = ' '
	}
	return n, nil
}

func (*endlessBody) Close() error { return nil }

// streamed writes an endless body until the client gives up.
func streamed(rw http.ResponseWriter, r *http.Request) {
	part := make([]byte, endlessPart)
	body := &endlessBody{ctx: r.Context()}
	flush := http.NewResponseController(rw)
	for {
		n, err := body.Read(part)
		if err != nil {
			return
		}
		if _, err := rw.Write(part[:n]); err != nil {
			return
		}
		_ = flush.Flush() // who cannot flush gets it later
	}
}

// unpacked is the body of an answer as http.Transport hands it on: what it asked to be compressed of itself is unpacked while it
// is read.
func unpacked(r *http.Request, answer *http.Response) {
	if answer.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Accept-Encoding") != "" {
		return
	}
	answer.Header.Del("Content-Encoding")
	answer.ContentLength, answer.Uncompressed = -1, true
	z, err := gzip.NewReader(answer.Body)
	if err != nil {
		return
	}
	answer.Body = io.NopCloser(z)
}
