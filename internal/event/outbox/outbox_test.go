package outbox_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/outbox"
)

func TestThingsAreHandedOnInOrderAndNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		o := outbox.New(100, func(n int) { time.Sleep(time.Second); got = append(got, n) })
		began := time.Now()
		for n := range 10 {
			if !o.Put(n) {
				t.Errorf("%d is not taken", n)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("putting in took %s", took)
		}
		<-o.Flushed()
		if took := time.Since(began); took != 10*time.Second || !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("after %s it has handed on %v", took, got)
		}
	})
}

// Who waits for a flush waits for what was put in before, not for what comes after.
func TestAFlushIsOverWhenWhatWasThereIsHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := outbox.New(100, func(int) { time.Sleep(time.Second) })
		select {
		case <-o.Flushed():
		default:
			t.Error("a flush of nothing waits")
		}
		began := time.Now()
		o.Put(1)
		flushed := o.Flushed()
		for n := range 50 {
			o.Put(n)
		}
		if <-flushed; time.Since(began) != time.Second {
			t.Errorf("a flush of one thing took %s", time.Since(began))
		}
		<-o.Flushed()
	})
}

func TestAFullOutboxDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		got := 0
		o := outbox.New(3, func(int) { <-free; got++ })
		o.Put(0)
		synctest.Wait() // that one is in hand
		taken := 0
		for n := range 10 {
			if o.Put(n) {
				taken++
			}
		}
		close(free)
		<-o.Flushed()
		if taken != 3 || got != 4 || !o.Put(1) {
			t.Errorf("%d are taken while it hangs, and %d were handed on", taken, got)
		}
		<-o.Flushed()
	})
}

func TestManyPutAtOnce(t *testing.T) {
	got := map[int]bool{}
	o := outbox.New(10000, func(n int) { got[n] = true })
	var all sync.WaitGroup
	for worker := range 20 {
		all.Go(func() {
			for n := range 100 {
				o.Put(worker*100 + n)
			}
			<-o.Flushed()
		})
	}
	all.Wait()
	if <-o.Flushed(); len(got) != 2000 {
		t.Errorf("%d of 2000 are handed on", len(got))
	}
}
