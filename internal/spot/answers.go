package spot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// envelope is what every answer of 200 is wrapped in: https://docs.spot.io/api (responses).
type envelope[Item any] struct {
	request string
	items   []Item
	listed  bool // there is a list of items, if only an empty one
}

// kinds is how the kind of every answer about Elastigroups on AWS begins.
const kinds = "spotinst:aws:ec2"

// open reads the envelope. What contradicts itself, says that it is an error, or is about something else is not believed.
func open[Item any](call call, body []byte) (envelope[Item], error) {
	var answer struct {
		Request struct {
			ID loose `json:"id"`
		} `json:"request"`
		Response *struct {
			Status struct {
				Code loose `json:"code"`
			} `json:"status"`
			Kind  loose   `json:"kind"`
			Items *[]Item `json:"items"`
			Count loose   `json:"count"`
		} `json:"response"`
	}
	var form *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &answer); errors.As(err, &form) {
		return envelope[Item]{}, garbled(call, fmt.Sprintf("another form than documented: %s in place of what belongs to %s", form.Value, form.Field), string(answer.Request.ID))
	} else if err != nil {
		return envelope[Item]{}, garbled(call, "what is not the JSON of an answer", "")
	}
	e, response := envelope[Item]{request: string(answer.Request.ID)}, answer.Response
	switch {
	case response == nil:
		return e, garbled(call, "no response in its answer", e.request)
	case response.Items != nil:
		e.items, e.listed = *response.Items, true
	}
	switch code, kind, count := string(response.Status.Code), string(response.Kind), string(response.Count); {
	case code != "" && code != "200":
		return e, garbled(call, fmt.Sprintf("a status of %s in it", excerptOf(code)), e.request)
	case code == "" && !e.listed:
		return e, garbled(call, "neither a status nor items in it", e.request)
	case kind != "" && !strings.HasPrefix(kind, kinds):
		return e, garbled(call, fmt.Sprintf("what is of the kind %s", excerptOf(kind)), e.request)
	case e.listed && count != "" && count != fmt.Sprint(len(e.items)):
		return e, garbled(call, fmt.Sprintf("%d items, and says that there are %s", len(e.items), excerptOf(count)), e.request)
	}
	return e, nil
}

// answered makes a call and reads its answer. One that cannot be used is asked for again where that is safe: a service that
// answers garbage now and then is no worse than one that answers 500. A create is made once.
func answered[Item, Value any](ctx context.Context, c *Client, call call, read func(envelope[Item]) (Value, error)) (Value, error) {
	ctx, cancel := patient(ctx)
	defer cancel()
	if call.method != http.MethodGet {
		c.list.changed()
		defer c.list.changed()
	}
	for try := 1; ; try++ {
		var nothing Value
		body, err := c.ask(ctx, call)
		if err != nil {
			return nothing, err
		}
		e, err := open[Item](call, body)
		if err == nil {
			var value Value
			if value, err = read(e); err == nil {
				return value, nil
			}
		}
		wait := backoff(try)
		if call.method == http.MethodPost || try > c.retries || impatient(ctx, wait) != nil {
			return nothing, tried(err, try)
		}
		if sleep(ctx, wait) != nil {
			return nothing, &Error{Doing: call.doing, remark: fmt.Sprintf("%v while waiting to ask again (%v)", ctx.Err(), err), cause: ctx.Err()}
		}
	}
}

// do makes a call whose answer has nothing to say but that it was done.
func (c *Client) do(ctx context.Context, call call) error {
	_, err := answered(ctx, c, call, func(envelope[json.RawMessage]) (struct{}, error) { return struct{}{}, nil })
	return err
}

// list are the items of a list.
func (e envelope[Item]) list(call call) ([]Item, error) {
	if !e.listed {
		return nil, garbled(call, "no list of items", e.request)
	}
	return e.items, nil
}

// theGroup is the group that was asked for by its ID. That there is none in the answer does not say that it is gone: Spot has a code
// for that.
func theGroup(e envelope[json.RawMessage], call call, id string, wrong func(Document) string) (Document, error) {
	if len(e.items) == 0 {
		return Document{}, garbled(call, "no group in it, and not that there is none", e.request)
	}
	var others []string
	for _, item := range e.items {
		value, err := decode(item)
		if err != nil {
			continue
		}
		document, ok := documentOf(value)
		switch {
		case !ok:
			others = append(others, kind(value))
		case document.ID() != id:
			others = append(others, "the ID "+excerptOf(document.at("id")))
		case wrong(document) != "":
			return Document{}, garbled(call, "what cannot be read: "+wrong(document), e.request)
		default:
			return document, nil
		}
	}
	return Document{}, garbled(call, "something else in place of the group: "+rollout.Quote(strings.Join(others, ", ")), e.request)
}

// theNewGroup is the group that a create has made. Its name has to be the wanted one, since what is done next is done to its ID.
func theNewGroup(e envelope[json.RawMessage], call call, name string) (Document, error) {
	if len(e.items) != 1 {
		return Document{}, garbled(call, fmt.Sprintf("%d items in place of the new group", len(e.items)), e.request)
	}
	value, err := decode(e.items[0])
	document, ok := documentOf(value)
	switch {
	case err != nil || !ok:
		return Document{}, garbled(call, kind(value)+" in place of the new group", e.request)
	case document.unnamed() != "":
		return Document{}, garbled(call, "what is not the new group: "+document.unnamed(), e.request)
	case document.Name() != name:
		return Document{}, garbled(call, fmt.Sprintf("group %s in place of the new group %s", excerptOf(document.Name()), name), e.request)
	}
	return document, nil
}

// garbled is the error of an answer of 200 that does not hold what it should. A create that is answered so may have taken effect.
func garbled(call call, what, request string) *Error {
	e := &Error{Doing: call.doing, Status: http.StatusOK, Codes: []string{"with " + what}, Messages: []string{""}, RequestID: request, cause: runner.ErrUnusable}
	if call.method == http.MethodPost {
		e.remark = runner.ErrUnanswered.Error()
		e.cause = unusableCreate
	}
	return e
}

// tried notes on an error how often it was asked in vain.
func tried(err error, tries int) error {
	if e, ok := err.(*Error); ok && tries > 1 { //nolint:errorlint // it is never wrapped here
		e.tries = fmt.Sprintf("%d tries", tries)
	}
	return err
}

// unusableCreate is the cause of a create whose answer cannot be used.
var unusableCreate = errors.Join(runner.ErrUnusable, runner.ErrUnanswered)

// excerptOf is a value of an answer as an error quotes it. What is no plain value is only named: it may hold user data.
func excerptOf(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("%q", longRun.ReplaceAllString(rollout.QuoteUpTo(v, 80), masked))
	case json.Number:
		return rollout.QuoteUpTo(v.String(), 80)
	}
	return kind(value)
}
