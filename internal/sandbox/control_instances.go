package sandbox

import (
	"fmt"
	"net/http"
	"text/tabwriter"
)

// serveInstances answers GET /sandbox/instances, for people. With ?group= it has those of the groups of that ID or name.
func serveInstances(w *World, rw http.ResponseWriter, r *http.Request) {
	wanted := r.URL.Query().Get("group")
	var called []string
	found := false
	rows := [][]any{}
	for _, g := range w.Groups() {
		called = append(called, g.Name)
		if wanted != "" && g.Name != wanted && g.ID != wanted {
			continue
		}
		found = true
		for _, i := range g.Instances {
			doing := i.State
			if i.Leaving {
				doing += ", leaving"
			}
			rows = append(rows, []any{g.Name, orDash(i.ID), i.Type, i.Zone, orDash(doing), i.Health, i.InService, i.Serving, orDash(i.Image)})
		}
	}
	if wanted != "" && !found {
		http.Error(rw, fmt.Sprintf("there is no group %q%s", wanted, didYouMean(wanted, called)), http.StatusBadRequest)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	table := tabwriter.NewWriter(rw, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tINSTANCE\tTYPE\tZONE\tSTATE\tHEALTH\tIN SERVICE\tSERVING\tIMAGE")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%v\t%v\t%s\n", row...)
	}
	_ = table.Flush() // the client is gone if this fails
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
