package fresh

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// The inputs of a seed are always the same, of other seeds others, and of the types that the target takes; the seeds stay as they are.
func TestInputsComeOfTheirSeeds(t *testing.T) {
	corpus := Corpus{{"web__1 2/4/8", []byte(`{"items":[]}`), uint8(3), uint16(9)}, {"", []byte{}, uint8(0), uint16(0)}}
	others := map[string]bool{}
	for seed := range uint64(500) {
		args := corpus.draw(rand.New(rand.NewPCG(seed, 0)))
		if again := corpus.draw(rand.New(rand.NewPCG(seed, 0))); !reflect.DeepEqual(args, again) {
			t.Fatalf("%d: %v, and then %v", seed, args, again)
		}
		for i, arg := range args {
			if reflect.TypeOf(arg) != reflect.TypeOf(corpus[0][i]) {
				t.Fatalf("%d: %T", seed, arg)
			}
		}
		others[file(args)] = true
	}
	if len(others) < 400 {
		t.Errorf("500 seeds have %d inputs", len(others))
	}
	if want := (Corpus{{"web__1 2/4/8", []byte(`{"items":[]}`), uint8(3), uint16(9)}, {"", []byte{}, uint8(0), uint16(0)}}); !reflect.DeepEqual(corpus, want) {
		t.Errorf("the seeds are %v by now", corpus)
	}
}

// A target is tried until its time is over, with what it begins with changed.
func TestATargetIsTried(t *testing.T) {
	tries, others := 0, 0
	Run(t, 1<<28, func(a Adder) { a.Add("web") }, func(_ *testing.T, text string) {
		if tries++; text != "web" {
			others++
		}
	})
	if tries < 20 || others < tries/2 {
		t.Errorf("%d tries, %d of others", tries, others)
	}
}

// Seeds are the same ones with every run, in the same order, unless fresh ones are asked for.
func TestSeedsAreTheSameOnesUnlessFreshOnesAreAskedFor(t *testing.T) {
	first := func(fresh string) (input string) {
		t.Setenv("FRESH", fresh)
		t.Run("tries", func(t *testing.T) {
			Run(t, 5*time.Millisecond, func(a Adder) { a.Add("web__1 2/4/8 and so on, for long enough that changes differ") }, func(_ *testing.T, text string) {
				if input == "" {
					input = text
				}
			})
		})
		return input
	}
	if one, two := first(""), first(""); one != two {
		t.Errorf("the first input is %q, and then %q", one, two)
	}
	others := map[string]bool{}
	for range 10 {
		others[first("1")] = true
	}
	if len(others) < 2 {
		t.Errorf("fresh inputs are always %v", others)
	}
}
