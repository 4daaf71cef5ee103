// Package fresh draws the seeds of tests that leave something to chance. With every run of the tests they are the same ones, in the same order, so
// that nobody's change fails for what it has not touched; with FRESH=1 in the environment, as in make sweep, they are such as nobody has tried before.
//
// Run tries the fuzz targets of other packages for a moment, beside the corpora that are committed. Every try has a seed of its own, which is the
// name of its subtest: a run with -fresh=SEED tries that one alone. Properties does the like for those of pgregory.net/rapid. What make fuzz tries
// is guided by coverage, takes long, and is run by hand.
package fresh

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var only = flag.Uint64("fresh", 0, "try the inputs of this seed alone")

// isFresh tells whether seeds are wanted that nobody has tried.
func isFresh() bool { return os.Getenv("FRESH") == "1" }

// Properties has the properties of a package tell the same stories every time, unless seeds are to be fresh or the command line says otherwise
// (-rapid.seed). No files of failures are kept: a failure says how to see it again. It is called before flags are parsed, by an init function.
func Properties() {
	set := func(name, value string) {
		if err := flag.Set(name, value); err != nil {
			panic(err) // the package has no properties
		}
	}
	if !isFresh() {
		set("rapid.seed", "20")
	}
	set("rapid.nofailfile", "true")
}

// Corpus collects what a fuzz target begins with: what is added to a testing.F.
type Corpus [][]any

// Add implements Adder.
func (c *Corpus) Add(args ...any) { *c = append(*c, args) }

// Adder is a Corpus or a testing.F.
type Adder interface{ Add(args ...any) }

// Run tries a fuzz target for so long, with inputs that are made of its seeds, and ends with the first that fails. The target is what
// testing.F's Fuzz takes. With -short it takes a fifth of the time. How far it gets in that time is a matter of the machine.
func Run(t *testing.T, lasts time.Duration, seeds func(Adder), target any) {
	t.Helper()
	if testing.Short() {
		lasts /= 5
	}
	var corpus Corpus
	seeds(&corpus)
	function, tries := reflect.ValueOf(target), 0
	try := func(seed uint64) bool {
		tries++
		args := corpus.draw(rand.New(rand.NewPCG(seed, 0)))
		return t.Run(fmt.Sprint(seed), func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("an input for testdata/fuzz:\n%s", file(args))
				}
			}()
			values := []reflect.Value{reflect.ValueOf(t)}
			for _, arg := range args {
				values = append(values, reflect.ValueOf(arg))
			}
			function.Call(values)
		})
	}
	if *only != 0 {
		try(*only)
		return
	}
	begun, seed := time.Now(), uint64(1)
	if isFresh() {
		seed = uint64(begun.UnixNano())
	}
	for going := true; going; seed++ {
		going = try(seed) && time.Since(begun) < lasts
	}
	t.Logf("%d inputs in %s", tries, time.Since(begun).Round(time.Millisecond))
}

// draw is one of the seeds with one to four changes.
func (c Corpus) draw(chance *rand.Rand) []any {
	args := slices.Clone(c[chance.IntN(len(c))])
	for range 1 + chance.IntN(4) {
		i := chance.IntN(len(args))
		args[i] = changed(chance, args[i], c[chance.IntN(len(c))][i])
	}
	return args
}

// changed is a value that differs a little, maybe by something of another of its kind.
func changed(chance *rand.Rand, value, other any) any {
	switch value := value.(type) {
	case []byte:
		return changedText(chance, value, other.([]byte))
	case string:
		return string(changedText(chance, []byte(value), []byte(other.(string))))
	case uint8:
		return uint8(chance.UintN(256))
	case uint16:
		return value ^ 1<<chance.UintN(16)
	}
	panic(fmt.Sprintf("there is no way to change a %T", value))
}

// tokens are what texts that are read as JSON, XML, tags or names break at.
var tokens = []string{"0", "-1", "1e300", "9223372036854775808", "null", "true", `""`, "{}", "[]", `{"group":{}}`, `"`, "\\", "\n", "\n\n", " ", ": ", "<", "</member>", "\x00", "\xff", "none", "web__1", "web__2 3/3/3 1", "../x"}

func changedText(chance *rand.Rand, text, other []byte) []byte {
	at := func() int { return chance.IntN(len(text) + 1) }
	from, to := at(), at()
	if from, to = min(from, to), max(from, to); to > from+20 && chance.IntN(4) > 0 {
		to = from + chance.IntN(20)
	}
	put := []byte(tokens[chance.IntN(len(tokens))])
	switch chance.IntN(6) {
	case 0: // in place of what is there
	case 1:
		to = from // in between
	case 2:
		put = nil // left out
	case 3:
		put = slices.Repeat(text[from:to], 1+chance.IntN(3))
	case 4:
		put, to = []byte{byte(chance.UintN(256))}, min(from+1, len(text))
	case 5:
		if len(other) > 0 {
			begin := chance.IntN(len(other))
			put = other[begin : begin+chance.IntN(len(other)-begin)+1]
		}
	}
	return slices.Concat(text[:from], put, text[to:])
}

// file is an input as a file of a corpus has it.
func file(args []any) string {
	lines := []string{"go test fuzz v1"}
	for _, arg := range args {
		switch arg := arg.(type) {
		case []byte:
			lines = append(lines, fmt.Sprintf("[]byte(%q)", arg))
		case uint8:
			lines = append(lines, fmt.Sprintf("byte(%q)", rune(arg)))
		default:
			lines = append(lines, fmt.Sprintf("%T(%#v)", arg, arg))
		}
	}
	return strings.Join(lines, "\n")
}
