package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// longestComment is somewhat less than a comment on GitHub may have, in bytes (65,536 characters).
const longestComment = 60_000

// Markdown writes the short version of rollouts, the last one first, as a comment of a pull request takes it.
func Markdown(w io.Writer, rollouts []*timeline.Rollout) error {
	var b strings.Builder
	for i := range rollouts {
		var one strings.Builder
		summary(&one, rollouts[len(rollouts)-1-i])
		if b.Len()+one.Len() > longestComment {
			fmt.Fprintf(&b, "… and %d more; the page (`-o rollout.html`) has all of them.\n", len(rollouts)-i)
			break
		}
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(one.String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func summary(b *strings.Builder, r *timeline.Rollout) {
	mark, _ := sign(r)
	fmt.Fprintf(b, "### %s %s %s\n\n", mark, plain(heading(r)), plain(outcome(r)))
	var parts []string
	if was, is := before(r), after(r); was != "" && is != "" {
		parts = append(parts, fmt.Sprintf("%s → %s", was, is))
	} else if was+is != "" {
		parts = append(parts, was+is)
	}
	if r.Running() {
		parts = append(parts, fmt.Sprintf("%s so far, known until %s UTC", timeline.Brief(r.Took(r.Updated)), clock(r.Updated)))
	} else {
		parts = append(parts, fmt.Sprintf("%s, from %s UTC", timeline.Brief(r.Took(r.Updated)), r.Began.UTC().Format("2006-01-02 15:04")))
	}
	if r.Bake != nil {
		parts = append(parts, fmt.Sprintf("bakes at %s, %s left", r.Bake.PhaseName, timeline.Brief(r.BakeLeft(r.Updated))))
	}
	fmt.Fprintf(b, "%s\n", plain(strings.Join(parts, " · ")))
	if why := failure(r); why != "" {
		fmt.Fprintf(b, "\n> %s\n", plain(cut(why, 2000)))
	}
	if phases := r.Phases(r.Updated); len(phases) > 0 {
		b.WriteString("\n| Phase | Result | Took | Waited for |\n|---|---|---|---|\n")
		for _, p := range phases {
			fmt.Fprintf(b, "| %s | %s %s | %s | %s |\n", plain(p.Name), marks[p.State], p.State, timeline.Brief(p.Took), plain(cut(p.WaitedFor(r.Updated), 300)))
		}
	}
	for _, route := range r.Routes {
		if !route.Stage {
			var weights []string
			for _, w := range route.Weights {
				weights = append(weights, fmt.Sprintf("%s %d %%", w.Name, w.Percent))
			}
			fmt.Fprintf(b, "\nTraffic: %s: %s\n", plain(route.Name), plain(strings.Join(weights, ", ")))
		}
	}
	if r.End != nil {
		for _, warning := range r.End.Warnings {
			fmt.Fprintf(b, "\n> Warning: %s\n", plain(cut(warning, 2000)))
		}
	}
}

// cut cuts a text that is too long for a comment.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// markup are the characters that mean something in GitHub's Markdown, a mention of a person included.
var markup = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "~", "\\~", "\\", "\\\\",
	"@", "@\u200b", "#", "#\u200b", "!", "\\!", "$", "\\$", "://", ":\u200b//",
)

// plain is a text as Markdown that says the same and nothing else, in one line.
func plain(text string) string {
	return markup.Replace(strings.Join(strings.Fields(text), " "))
}
