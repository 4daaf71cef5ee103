package rollout_test

import (
	"testing"
	"time"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// BenchmarkNext is one decision in the middle of a rollout of each strategy, beside three former revisions, and BenchmarkSimulate a
// whole plan from there.
func BenchmarkNext(b *testing.B) {
	for name, m := range benched() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if s := Next(m.d, m.w); s.Ends() {
					b.Fatal(s)
				}
			}
		})
	}
}

// BenchmarkSimulate is a plan.
func BenchmarkSimulate(b *testing.B) {
	for name, m := range benched() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if p := Simulate(m.d, m.w); p.Refused() {
					b.Fatal(p.Steps)
				}
			}
		})
	}
}

type benchedWorld struct {
	d Deployment
	w World
}

func benched() map[string]benchedWorld {
	worlds := map[string]benchedWorld{}
	for name, d := range map[string]Deployment{"basic": release("r7"), "canary": canary("r7"), "blue-green": blueGreen("r7")} {
		s := newScript()
		for i, r := range []string{"r3", "r4", "r5"} {
			s.has(i+3, r, Capacity{})
		}
		if d.BlueGreen != nil {
			s.staged()
		} else {
			s.has(6, "r6", usual)
		}
		s.do(Next(d, s.observe()))
		s.do(Next(d, s.observe()))
		for range patience {
			s.tick()
		}
		w := s.observe()
		w.RoutesUnchangedFor = time.Hour
		worlds[name] = benchedWorld{d, w}
	}
	return worlds
}
