package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// citations is what the tests of the repository say they prove.
type citations struct {
	tests map[string]*test // by folder.TestName
	cited map[string]string
	// cited: ID → the first place that names it, be it in a test or not
}

// A test is a test, fuzz target, example or benchmark, with the IDs that it or
// what it uses names.
type test struct {
	name   string          // folder.TestName
	direct map[string]bool // named in its comment or its body
	all    map[string]bool // and in the tables and helpers it uses
}

// A declaration is one top-level declaration of a test file.
type declaration struct {
	ids  map[string]bool
	uses map[string]bool
}

var (
	testName = regexp.MustCompile(`^(Test|Fuzz|Example|Benchmark)(\P{Ll}.*)?$`)

	// SYN-15, and the short ways to name several: SYN-15/16, SYN-15..18.
	citation = regexp.MustCompile(`\b(` + prefixes + `)-(\d{2,3}|3xx|X\d)((?:/\d{2,3}\b)+|\.\.\d{2,3}\b)?`)
)

// findCitations reads all test files below root, except those of this folder,
// which speak about IDs rather than prove them.
func findCitations(root fs.FS) (*citations, error) {
	c := &citations{tests: make(map[string]*test), cited: make(map[string]string)}
	folders := make(map[string]map[string]*declaration)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || name == "docs"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		folder := path.Dir(name)
		if folders[folder] == nil {
			folders[folder] = make(map[string]*declaration)
		}
		return c.readFile(root, name, folders[folder])
	})
	if err != nil {
		return nil, err
	}
	for folder, declarations := range folders {
		for name, d := range declarations {
			if testName.MatchString(name) && name != "TestMain" {
				t := &test{name: folder + "." + name, direct: d.ids, all: make(map[string]bool)}
				closure(declarations, name, t.all, make(map[string]bool))
				c.tests[t.name] = t
			}
		}
	}
	return c, nil
}

func (c *citations) readFile(root fs.FS, name string, declarations map[string]*declaration) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(text), "\n") {
		for id := range idsIn(line) {
			if c.cited[id] == "" {
				c.cited[id] = fmt.Sprintf("%s:%d", name, i+1)
			}
		}
	}
	for _, decl := range file.Decls {
		for _, part := range parts(decl) {
			d := &declaration{ids: make(map[string]bool), uses: make(map[string]bool)}
			for _, from := range part.nodes {
				begin, end := fset.Position(from.Pos()).Offset, fset.Position(from.End()).Offset
				maps.Copy(d.ids, idsIn(string(text[begin:end])))
				ast.Inspect(from, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						d.uses[id.Name] = true
					}
					return true
				})
			}
			for _, name := range part.names {
				if same := declarations[name]; same != nil { // methods of two types
					maps.Copy(same.ids, d.ids)
					maps.Copy(same.uses, d.uses)
					continue
				}
				declarations[name] = d
			}
		}
	}
	return nil
}

// A part is a declaration that can be used by name, with its comments.
type part struct {
	names []string
	nodes []ast.Node
}

func parts(decl ast.Decl) []part {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		// A method is used through its name too, whatever its type.
		return []part{withDoc(part{[]string{d.Name.Name}, []ast.Node{d}}, d.Doc)}
	case *ast.GenDecl:
		var found []part
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				p := part{nodes: []ast.Node{s}}
				for _, name := range s.Names {
					p.names = append(p.names, name.Name)
				}
				found = append(found, withDoc(withDoc(p, s.Doc), d.Doc))
			case *ast.TypeSpec:
				found = append(found, withDoc(withDoc(part{[]string{s.Name.Name}, []ast.Node{s}}, s.Doc), d.Doc))
			}
		}
		return found
	}
	return nil
}

func withDoc(p part, doc *ast.CommentGroup) part {
	if doc != nil {
		p.nodes = append(p.nodes, doc)
	}
	return p
}

// closure collects the IDs of a declaration and of what it uses, other tests
// excepted.
func closure(declarations map[string]*declaration, name string, ids, seen map[string]bool) {
	d := declarations[name]
	if d == nil || seen[name] {
		return
	}
	seen[name] = true
	maps.Copy(ids, d.ids)
	for used := range d.uses {
		if !testName.MatchString(used) {
			closure(declarations, used, ids, seen)
		}
	}
}

// idsIn is the set of IDs that a text names.
func idsIn(text string) map[string]bool {
	ids := make(map[string]bool)
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		prefix, number, more := m[1]+"-", m[2], m[3]
		ids[prefix+number] = true
		if last, ok := strings.CutPrefix(more, ".."); ok {
			from, _ := strconv.Atoi(number)
			to, _ := strconv.Atoi(last)
			for n := from; n <= to; n++ {
				ids[fmt.Sprintf("%s%0*d", prefix, len(number), n)] = true
			}
			continue
		}
		for n := range strings.SplitSeq(more, "/") {
			if n != "" {
				ids[prefix+n] = true
			}
		}
	}
	return ids
}

// proving lists the tests that name an ID, those that name it themselves
// before those that use something which does, plain tests before interop.
func (c *citations) proving(id string) []string {
	var direct, indirect []string
	for name, t := range c.tests {
		switch {
		case t.direct[id]:
			direct = append(direct, name)
		case t.all[id]:
			indirect = append(indirect, name)
		}
	}
	if len(direct) == 0 {
		direct = indirect
	}
	slices.SortFunc(direct, func(a, b string) int {
		if x, y := strings.HasPrefix(a, "e2e."), strings.HasPrefix(b, "e2e."); x != y {
			if x {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return direct
}

// repository is the tree of this repository, seen from this folder.
func repository() fs.FS { return os.DirFS("..") }
