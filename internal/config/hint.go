package config

import "strings"

// nearest returns the candidate that word was probably meant to be, or "".
func nearest(word string, candidates []string) string {
	word = strings.ToLower(strings.ReplaceAll(word, "_", "-"))
	best, distance := "", 0
	for _, c := range candidates {
		d, ok := near(word, c)
		if ok && (best == "" || d < distance) {
			best, distance = c, d
		}
	}
	return best
}

// near tells whether word comes near candidate, and how far it is. It does with
// a wrong, missing, additional or swapped letter for each three of candidate's,
// or when one of both begins with the other.
func near(word, candidate string) (int, bool) {
	const (
		sure   = 3  // letters of a beginning that count
		absurd = 32 // letters after which nothing is near a key
	)
	if len(word) > absurd {
		return 0, false
	}
	d := editDistance(word, candidate)
	begins := min(len(word), len(candidate)) >= sure &&
		(strings.HasPrefix(candidate, word) || strings.HasPrefix(word, candidate))
	return d, begins || d <= max(1, len(candidate)/3)
}

// editDistance is the number of insertions, deletions, replacements and swaps of
// neighbours that make b of a (optimal string alignment).
func editDistance(a, b string) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
