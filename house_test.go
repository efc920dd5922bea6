// Package house holds the rules of the house: what must be true of this
// repository as a whole, checked like any other behaviour. Nothing is built
// here. A failure says which rule is broken, where, and why the rule is there.
package house

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/baton-rtsp/baton"

// An arrow says what the code of one package may import besides the standard
// library. Packages are named by their folder. Tests may import more.
type arrow struct {
	from string
	to   []string
	why  string
}

var arrows = []arrow{
	{"rtsp", nil, "the words of RTSP are for everybody: importing them must bring nothing else along"},
	{"sdp", nil, "the words of SDP are for everybody: importing them must bring nothing else along"},
	{"rtp", nil, "a view over bytes needs nothing but the bytes"},
	{"timeline", []string{"rtp", "sdp", "leaf"}, "the timeline stores framed packets of described tracks; it must serve whoever brings them, not only RTSP"},
	{"internal/payload", []string{"rtp", "sdp"}, "payload formats are used below the server, so they must not know it"},
	{"rtspserver", []string{"rtsp", "sdp", "rtp", "timeline", "leaf", "golang.org/x/sys", "golang.org/x/net"},
		"the server is a library: the product uses only what an outsider could, so the server cannot know the product, nor the client"},
	{"rtspclient", []string{"rtsp", "sdp", "rtp", "timeline", "leaf", "golang.org/x/sys", "github.com/coder/websocket"},
		"the client is a library: it can know neither the product nor the server"},
}

// The folders of internal/ are of three kinds. A leaf helps the public packages
// and knows none of the product, a test helper is there for tests alone, and the
// rest is the product.
var (
	leaves      = []string{"payload", "reach", "socket", "origin", "samefile", "seldom", "udp", "batch"}
	testHelpers = []string{"simnet", "servertest", "hostile"}
	product     = []string{"config", "cert", "load", "probe", "methods", "auth", "api", "metrics", "paths", "source", "relay", "gateway", "lab", "clock", "container", "demo", "egress", "folder", "record", "vod", "hls", "whip", "web", "console", "cluster"}
)

// Public packages: what an outsider imports.
var public = []string{"rtsp", "sdp", "rtp", "timeline", "rtspserver", "rtspclient", "rtsptest"}

// A source is one Go file of the repository.
type source struct {
	path string // from the root, with slashes
	dir  string // "." for the root
	test bool
	tree *ast.File
}

// A repository is all its Go files, whatever system they are for.
type repository struct {
	fset  *token.FileSet
	files []*source
}

func load(t *testing.T) *repository {
	t.Helper()
	r := &repository{fset: token.NewFileSet()}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipped(name) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		tree, err := parser.ParseFile(r.fset, filepath.FromSlash(name), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		r.files = append(r.files, &source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// skipped tells whether a folder is outside the module's own code: hidden, for
// tests to read, or a module of its own.
func skipped(dir string) bool {
	base := path.Base(dir)
	if dir == "." {
		return false
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" {
		return true
	}
	_, err := os.Stat(filepath.Join(filepath.FromSlash(dir), "go.mod"))
	return err == nil
}

// packages groups the files by folder; in every group the file order is fixed.
func (r *repository) packages(withTests bool) map[string][]*source {
	m := make(map[string][]*source)
	for _, f := range r.files {
		if withTests || !f.test {
			m[f.dir] = append(m[f.dir], f)
		}
	}
	return m
}

func (r *repository) at(p token.Pos) string {
	pos := r.fset.Position(p)
	return fmt.Sprintf("%s:%d", filepath.ToSlash(pos.Filename), pos.Line)
}

// imports lists what a file imports, with the local name of each.
func (f *source) imports() map[string]*ast.ImportSpec {
	m := make(map[string]*ast.ImportSpec)
	for _, spec := range f.tree.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			m[p] = spec
		}
	}
	return m
}

// importName is the name by which a file calls a package, "" if it does not
// import it.
func (f *source) importName(pkg string) string {
	spec, ok := f.imports()[pkg]
	switch {
	case !ok:
		return ""
	case spec.Name != nil:
		return spec.Name.Name
	}
	return path.Base(pkg)
}

func isStandard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// library tells whether a folder holds code that others call, as opposed to a
// program or a tool.
func library(dir string) bool {
	return slices.Contains(public, dir) || strings.HasPrefix(dir, "internal/")
}

func TestEveryPackageIsDocumented(t *testing.T) {
	r := load(t)
	for dir, files := range r.packages(false) {
		want := openings(dir, files[0].tree.Name.Name)
		documented := slices.ContainsFunc(files, func(f *source) bool {
			return f.tree.Doc != nil && slices.ContainsFunc(want, func(opening string) bool {
				return strings.HasPrefix(f.tree.Doc.Text(), opening)
			})
		})
		if !documented {
			t.Errorf("%s: no comment that begins %q: say what it is, which RFC, who calls it, what it never does", dir, want[0])
		}
	}
}

// openings are the ways to begin the comment of a package or a command.
func openings(dir, name string) []string {
	if name != "main" {
		return []string{"Package " + name + " "}
	}
	command := path.Base(dir)
	return []string{"Command " + command + " ", strings.ToUpper(command[:1]) + command[1:] + " "}
}

func TestImportsFollowTheArrows(t *testing.T) {
	r := load(t)
	for dir, files := range r.packages(false) {
		for _, a := range arrows {
			if dir != a.from && !strings.HasPrefix(dir, a.from+"/") {
				continue
			}
			for _, f := range files {
				for imported, spec := range f.imports() {
					if !a.allows(imported) {
						t.Errorf("%s: %s imports %s: %s", r.at(spec.Pos()), a.from, imported, a.why)
					}
				}
			}
		}
	}
}

func (a arrow) allows(imported string) bool {
	if isStandard(imported) {
		return true
	}
	inner, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return slices.ContainsFunc(a.to, func(to string) bool {
			return imported == to || strings.HasPrefix(imported, to+"/")
		})
	}
	if name, ok := internalName(inner); ok && slices.Contains(a.to, "leaf") {
		return slices.Contains(leaves, name)
	}
	return inner == a.from || strings.HasPrefix(inner, a.from+"/") || slices.Contains(a.to, inner)
}

func TestInternalPackagesAreOfOneKind(t *testing.T) {
	r := load(t)
	for dir, files := range r.packages(false) {
		name, ok := internalName(dir)
		if !ok {
			continue
		}
		kinds := 0
		for _, kind := range [][]string{leaves, testHelpers, product} {
			if slices.Contains(kind, name) {
				kinds++
			}
		}
		if kinds != 1 {
			t.Errorf("%s: house_test.go must list it once: as a leaf (helps the public packages), a test helper, or product", dir)
		}
		if !slices.Contains(leaves, name) {
			continue
		}
		for _, f := range files {
			for imported, spec := range f.imports() {
				if forbiddenToLeaf(imported) {
					t.Errorf("%s: %s imports %s: a leaf helps the public packages, so it can know neither the product nor the server", r.at(spec.Pos()), dir, imported)
				}
			}
		}
	}
}

// internalName is the first folder below internal/, where dir is there.
func internalName(dir string) (name string, ok bool) {
	inner, ok := strings.CutPrefix(dir, "internal/")
	name, _, _ = strings.Cut(inner, "/")
	return name, ok
}

// forTests tells whether a package exists for tests alone.
func forTests(dir string) bool {
	name, ok := internalName(dir)
	return dir == "rtsptest" || ok && slices.Contains(testHelpers, name)
}

func forbiddenToLeaf(imported string) bool {
	inner, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return false
	}
	if inner == "rtspserver" || inner == "rtspclient" {
		return true
	}
	name, ok := internalName(inner)
	return ok && !slices.Contains(leaves, name)
}

func TestNobodyImportsCommandsOrTestHelpers(t *testing.T) {
	r := load(t)
	for _, f := range r.files {
		for imported, spec := range f.imports() {
			if strings.HasPrefix(imported, module+"/cmd/") {
				t.Errorf("%s: imports %s: commands wire things up, nothing can depend on them", r.at(spec.Pos()), imported)
			}
			if f.test || forTests(f.dir) {
				continue
			}
			if inner, ok := strings.CutPrefix(imported, module+"/"); imported == "testing" || ok && forTests(inner) {
				t.Errorf("%s: imports %s: only tests may", r.at(spec.Pos()), imported)
			}
		}
	}
}

// An internal type in a public signature is one that the caller cannot name.
func TestPublicSignaturesNameNoInternalType(t *testing.T) {
	r := load(t)
	for _, f := range r.files {
		if f.test || !slices.Contains(public, f.dir) {
			continue
		}
		internal := make(map[string]bool)
		for imported := range f.imports() {
			if strings.HasPrefix(imported, module+"/internal/") {
				internal[f.importName(imported)] = true
			}
		}
		for _, part := range publicParts(f.tree) {
			ast.Inspect(part, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := sel.X.(*ast.Ident); ok && internal[x.Name] {
						t.Errorf("%s: %s.%s in a public signature: nobody outside can name it", r.at(sel.Pos()), x.Name, sel.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

// publicParts lists what of a file a caller can see: parameters and results of
// exported functions, and exported types less their unexported fields.
func publicParts(file *ast.File) []ast.Node {
	var parts []ast.Node
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				parts = append(parts, d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
					parts = append(parts, visibleType(s.Type)...)
				}
			}
		}
	}
	return parts
}

func visibleType(x ast.Expr) []ast.Node {
	s, ok := x.(*ast.StructType)
	if !ok {
		return []ast.Node{x}
	}
	var parts []ast.Node
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 || slices.ContainsFunc(field.Names, (*ast.Ident).IsExported) {
			parts = append(parts, field.Type)
		}
	}
	return parts
}

// receiver is the name of the type a method belongs to.
func receiver(d *ast.FuncDecl) string {
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		case *ast.Ident:
			return y.Name
		default:
			return ""
		}
	}
}

func TestModuleFile(t *testing.T) {
	b, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var goLine string
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "module":
			if words[1] != module {
				t.Errorf("go.mod: module is %s, not %s", words[1], module)
			}
		case "go":
			goLine = words[1]
		case "toolchain":
			t.Error("go.mod: a toolchain line: it would be forced on those who use the library")
		case "replace":
			t.Error("go.mod: a replace directive: it does not hold for those who use the library, who would build something else")
		}
	}
	if goLine != "1.26.0" {
		t.Errorf("go.mod: go %s, not 1.26.0: a later one shuts out users of the library for nothing", goLine)
	}
}

// Global state is magic: what a package does then depends on who else used it.
// The rule, in terms that can be checked: a package-level variable is declared
// with its value, is unexported unless it is an error, is never written to,
// indexed into for writing or pointed at by the code of its package, and has no
// type that is made for change (sync, atomic, channels). Errors begin with err
// or Err; anything else is a table and has a comment that says so.
func TestPackageVariablesAreSentinelsOrTables(t *testing.T) {
	r := load(t)
	faults := make(map[string]bool) // a set: most files are built for every system
	for _, goos := range []string{"linux", "windows", "darwin"} {
		for dir, files := range r.packages(false) {
			if dir == "cmd/baton" || library(dir) {
				for _, fault := range r.variableFaults(forSystem(files, goos)) {
					faults[fault] = true
				}
			}
		}
	}
	for _, fault := range slices.Sorted(maps.Keys(faults)) {
		t.Error(fault)
	}
}

// forSystem leaves out the files that are not built for a system.
func forSystem(files []*source, goos string) []*source {
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled = goos, "amd64", false
	return slices.DeleteFunc(slices.Clone(files), func(f *source) bool {
		match, err := context.MatchFile(filepath.FromSlash(f.dir), path.Base(f.path))
		return err != nil || !match
	})
}

func (r *repository) variableFaults(files []*source) []string {
	var faults []string
	scope := r.resolve(files)
	for _, f := range files {
		for name, why := range declarationFaults(f.tree) {
			faults = append(faults, fmt.Sprintf("%s: variable %s: %s", r.at(name.Pos()), name.Name, why))
		}
		for id, how := range writes(f.tree) {
			if v, ok := scope.Uses[id].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				faults = append(faults, fmt.Sprintf("%s: package-level %s is %s: state belongs in a value that somebody owns", r.at(id.Pos()), id.Name, how))
			}
		}
	}
	return faults
}

func declarationFaults(file *ast.File) map[*ast.Ident]string {
	faults := make(map[*ast.Ident]string)
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			s := spec.(*ast.ValueSpec)
			for _, name := range s.Names {
				if why := variableFault(d, s, name.Name); why != "" {
					faults[name] = why
				}
			}
		}
	}
	return faults
}

// resolve finds what each identifier of a package stands for. Imports are left
// unknown: for telling a local variable from a package's own, nothing more is
// needed.
func (r *repository) resolve(files []*source) *types.Info {
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	var trees []*ast.File
	for _, f := range files {
		trees = append(trees, f.tree)
	}
	config.Check("", r.fset, trees, info) // errors: those of the missing imports
	return info
}

type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%q is not looked at", path)
}

// variableFault says what is wrong with the declaration of a package-level
// variable, "" if nothing is.
func variableFault(d *ast.GenDecl, s *ast.ValueSpec, name string) string {
	embedded := strings.Contains(d.Doc.Text()+comment(d.Doc)+comment(s.Doc), "//go:embed")
	switch {
	case name == "_":
		return "" // var _ Interface = …
	case strings.HasPrefix(name, "err"), strings.HasPrefix(name, "Err"):
		if len(s.Values) == 0 {
			return "a sentinel without a value"
		}
		return ""
	case ast.IsExported(name):
		return "exported, so anybody can write to it: offer a function, or a constant"
	case len(s.Values) == 0 && !embedded:
		return "declared without its value: somebody must write to it later"
	case d.Doc == nil && s.Doc == nil && s.Comment == nil:
		return "no comment that says what this table holds and that it is only read"
	}
	return changeable(s)
}

// comment is a comment group with the directives that Text leaves out.
func comment(g *ast.CommentGroup) string {
	var b strings.Builder
	if g != nil {
		for _, c := range g.List {
			b.WriteString(c.Text + "\n")
		}
	}
	return b.String()
}

// changeable finds a part of a declaration that exists in order to change.
func changeable(s *ast.ValueSpec) string {
	var fault string
	inspect := func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ChanType:
			fault = "a channel is made to be written to"
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && (id.Name == "sync" || id.Name == "atomic") {
				fault = id.Name + "." + x.Sel.Name + " is made to change"
			}
		}
		return true
	}
	if s.Type != nil {
		ast.Inspect(s.Type, inspect)
	}
	for _, v := range s.Values {
		ast.Inspect(v, inspect)
	}
	return fault
}

// writes lists the identifiers through which a file changes something, and how.
func writes(file *ast.File) map[*ast.Ident]string {
	found := make(map[*ast.Ident]string)
	note := func(x ast.Expr, what string) {
		if id := root(x); id != nil {
			found[id] = what
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			if x.Tok != token.DEFINE {
				for _, left := range x.Lhs {
					note(left, "assigned to")
				}
			}
		case *ast.IncDecStmt:
			note(x.X, "assigned to")
		case *ast.RangeStmt:
			if x.Tok == token.ASSIGN {
				note(x.Key, "assigned to")
				note(x.Value, "assigned to")
			}
		case *ast.SendStmt:
			note(x.Chan, "sent to")
		case *ast.UnaryExpr:
			if x.Op == token.AND {
				note(x.X, "pointed at")
			}
		case *ast.CallExpr:
			if f, ok := x.Fun.(*ast.Ident); ok && len(x.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy", "append", "close"}, f.Name) {
				note(x.Args[0], "changed by "+f.Name)
			}
		}
		return true
	})
	return found
}

// root is the variable that an expression like v.f[i].g lies in.
func root(x ast.Expr) *ast.Ident {
	for {
		switch y := x.(type) {
		case *ast.Ident:
			return y
		case *ast.IndexExpr:
			x = y.X
		case *ast.SelectorExpr:
			x = y.X
		case *ast.StarExpr:
			x = y.X
		case *ast.ParenExpr:
			x = y.X
		case *ast.SliceExpr:
			x = y.X
		default:
			return nil
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	r := load(t)
	for _, f := range r.files {
		for _, decl := range f.tree.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
				t.Errorf("%s: func init: importing a package must do nothing; let the caller call", r.at(d.Pos()))
			}
		}
	}
}

// In a bubble of testing/synctest time.Sleep takes no time; elsewhere it is a
// guess, too short on a slow day and too long on all others.
func TestTestsSleepOnlyInBubbles(t *testing.T) {
	r := load(t)
	wrappers := r.bubbleWrappers()
	for dir, files := range r.packages(true) {
		var tests []*source
		for _, f := range files {
			if f.test {
				tests = append(tests, f)
			}
		}
		bare := make(map[string][]use) // function → its uses outside of bubbles
		for _, f := range tests {
			f.usesOutside(dir, wrappers, bare)
		}
		inBubble := onlyInBubbles(bare, tests)
		for _, f := range tests {
			for _, u := range bare[f.importName("time")+".Sleep"] {
				if u.file == f && !inBubble[u.from] {
					t.Errorf("%s: time.Sleep: wait for the event itself, or use testing/synctest", r.at(u.pos))
				}
			}
		}
	}
}

// A use is a place where a function is named by another.
type use struct {
	file *source
	from string // the function around it
	pos  token.Pos
}

// bubbleWrappers finds the functions that run what they are given in a bubble:
// synctest.Test, and those that call it or each other. Keys are folder.Name.
func (r *repository) bubbleWrappers() map[string]bool {
	wrappers := map[string]bool{"testing/synctest.Test": true}
	for again := true; again; {
		again = false
		for _, f := range r.files {
			for _, decl := range f.tree.Decls {
				d, ok := decl.(*ast.FuncDecl)
				if !ok || d.Recv != nil || wrappers[f.dir+"."+d.Name.Name] || strings.HasPrefix(d.Name.Name, "Test") {
					continue
				}
				ast.Inspect(d, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok && wrappers[f.callee(call)] {
						wrappers[f.dir+"."+d.Name.Name] = true
						again = true
					}
					return true
				})
			}
		}
	}
	return wrappers
}

// callee is the folder.Name of the function that a call calls, "" if it is none
// of a package.
func (f *source) callee(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return f.dir + "." + fun.Name
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		if !ok {
			return ""
		}
		for imported := range f.imports() {
			if f.importName(imported) == x.Name {
				return strings.TrimPrefix(imported, module+"/") + "." + fun.Sel.Name
			}
		}
	}
	return ""
}

// usesOutside notes every name that a file's functions use outside of what they
// hand to a wrapper. A name of another package is noted as pkg.Name.
func (f *source) usesOutside(dir string, wrappers map[string]bool, bare map[string][]use) {
	for _, decl := range f.tree.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				return !wrappers[f.callee(x)]
			case *ast.SelectorExpr:
				if pkg, ok := x.X.(*ast.Ident); ok {
					name := pkg.Name + "." + x.Sel.Name
					bare[name] = append(bare[name], use{f, d.Name.Name, x.Pos()})
				}
			case *ast.Ident:
				if x != d.Name {
					bare[x.Name] = append(bare[x.Name], use{f, d.Name.Name, x.Pos()})
				}
			}
			return true
		})
	}
}

// onlyInBubbles finds the helpers that run in bubbles alone: nothing uses them
// outside of one but such helpers.
func onlyInBubbles(bare map[string][]use, tests []*source) map[string]bool {
	helpers := make(map[string]bool)
	for _, f := range tests {
		for _, decl := range f.tree.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && !strings.HasPrefix(d.Name.Name, "Test") {
				helpers[d.Name.Name] = true
			}
		}
	}
	for again := true; again; {
		again = false
		for name := range helpers {
			if slices.ContainsFunc(bare[name], func(u use) bool { return !helpers[u.from] }) {
				delete(helpers, name)
				again = true
			}
		}
	}
	return helpers
}

func TestLibrariesDoNotPrint(t *testing.T) {
	r := load(t)
	for _, f := range r.files {
		if f.test || !library(f.dir) {
			continue
		}
		for _, name := range []string{"Print", "Printf", "Println"} {
			for _, pos := range f.calls("fmt", name) {
				t.Errorf("%s: fmt.%s: standard output is the program's; return it, or use the logger you were given", r.at(pos), name)
			}
		}
		if spec, ok := f.imports()["log"]; ok {
			t.Errorf("%s: imports log: it writes to a global logger; take a *slog.Logger from the configuration", r.at(spec.Pos()))
		}
	}
}

// calls finds the places where a file names a function of a package.
func (f *source) calls(pkg, name string) []token.Pos {
	local := f.importName(pkg)
	if local == "" {
		return nil
	}
	var found []token.Pos
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				found = append(found, sel.Pos())
			}
		}
		return true
	})
	return found
}

// ARCHITECTURE.md names files, folders and identifiers in backticks. Pages that
// name what is no longer there are worse than no pages.
func TestArchitectureNamesWhatExists(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	r := load(t)
	index := r.index()
	for i, line := range proseLines(string(text)) {
		for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
			if why := index.missing(span[1]); why != "" {
				t.Errorf("ARCHITECTURE.md:%d: `%s`: %s", i+1, span[1], why)
			}
		}
	}
	if n := strings.Count(string(text), "\n"); n > 120 {
		t.Errorf("ARCHITECTURE.md has %d lines: it is one page (120), or nobody reads it", n)
	}
}

var (
	codeSpan   = regexp.MustCompile("`([^`]+)`")
	goName     = regexp.MustCompile(`^[A-Za-z_]\w*$`)
	dottedName = regexp.MustCompile(`^([a-z]\w*)\.([A-Z]\w*)(?:\.(\w+))?$`)
	member     = regexp.MustCompile(`^(\w+)\.(\w+)$`)
	shouting   = regexp.MustCompile(`^[A-Z][A-Z_]+$`)
)

// proseLines is a page without its drawings: fenced blocks become empty lines.
func proseLines(text string) []string {
	lines := strings.Split(text, "\n")
	fenced := false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence || fenced {
			lines[i] = ""
		}
		if fence {
			fenced = !fenced
		}
	}
	return lines
}

// An index knows every name in the repository.
type index struct {
	packages map[string]map[string]bool // package name → Name, Type.Member
	members  map[string]bool            // Type.Member, of any package
	words    map[string]bool            // every identifier, and every string without spaces
	imported map[string]bool            // names of packages that somebody imports
}

func (r *repository) index() *index {
	x := &index{make(map[string]map[string]bool), make(map[string]bool), make(map[string]bool), make(map[string]bool)}
	for _, f := range r.files {
		for imported := range f.imports() {
			if !strings.HasPrefix(imported, module) {
				x.imported[f.importName(imported)] = true
			}
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch y := n.(type) {
			case *ast.Ident:
				x.words[y.Name] = true
			case *ast.BasicLit:
				x.addString(y)
			}
			return true
		})
		if !f.test {
			x.addDeclarations(f)
		}
	}
	return x
}

// addString makes configuration keys, method names and struct tags known.
func (x *index) addString(lit *ast.BasicLit) {
	if lit.Kind != token.STRING {
		return
	}
	if s, err := strconv.Unquote(lit.Value); err == nil {
		for _, word := range regexp.MustCompile(`[\w-]+`).FindAllString(s, -1) {
			x.words[word] = true
		}
	}
}

func (x *index) addDeclarations(f *source) {
	pkg := f.tree.Name.Name
	if x.packages[pkg] == nil {
		x.packages[pkg] = make(map[string]bool)
	}
	add := func(name string) {
		x.packages[pkg][name] = true
		if strings.Contains(name, ".") {
			x.members[name] = true
		}
	}
	for _, decl := range f.tree.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name.Name)
			} else {
				add(receiver(d) + "." + d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				addSpec(spec, add)
			}
		}
	}
}

func addSpec(spec ast.Spec, add func(string)) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			add(name.Name)
		}
	case *ast.TypeSpec:
		add(s.Name.Name)
		var fields *ast.FieldList
		switch y := s.Type.(type) {
		case *ast.StructType:
			fields = y.Fields
		case *ast.InterfaceType:
			fields = y.Methods
		default:
			return
		}
		for _, field := range fields.List {
			for _, name := range field.Names {
				add(s.Name.Name + "." + name.Name)
			}
		}
	}
}

// missing says why a span of code names nothing, "" if it does name something
// or is no name at all (a command, an URL, a line of a protocol).
func (x *index) missing(span string) string {
	name := strings.TrimSuffix(strings.TrimSuffix(span, "()"), "(…)")
	if goName.MatchString(name) {
		if !x.words[name] && !shouting.MatchString(name) && !exists(name) {
			return "no such identifier in the Go files, and no such file"
		}
		return ""
	}
	if m := dottedName.FindStringSubmatch(name); m != nil {
		full := strings.TrimPrefix(name, m[1]+".")
		switch {
		case x.packages[m[1]] == nil && !x.imported[m[1]]:
			return "no package " + m[1]
		case x.packages[m[1]] != nil && !x.packages[m[1]][full]:
			return "package " + m[1] + " has no " + full
		}
		return ""
	}
	if m := member.FindStringSubmatch(name); m != nil && !x.members[name] && !exists(name) {
		return "no type " + m[1] + " with a " + m[2] + ", and no such file"
	}
	if looksLikePath(name) && !exists(name) {
		return "no such file or folder"
	}
	return ""
}

// looksLikePath tells paths from URLs, commands and patterns: a path has no
// space, does not begin at the root and has a slash or a known ending.
func looksLikePath(s string) bool {
	if strings.ContainsAny(s, " *…<>{}:=;?$") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "-") {
		return false
	}
	ending := path.Ext(s)
	if first, _, slash := strings.Cut(s, "/"); slash {
		return !strings.Contains(first, ".") || first == "." || first == ".ci"
	}
	return ending == ".go" || ending == ".md" || ending == ".mod" || ending == ".yml" || ending == ".yaml"
}

// exists finds a path from the root, or a file's bare name anywhere.
func exists(name string) bool {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
	if _, err := os.Stat(filepath.FromSlash(name)); err == nil {
		return true
	}
	if strings.Contains(name, "/") || path.Ext(name) == "" {
		return false
	}
	found := false
	fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if !d.IsDir() && d.Name() == name {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// README.md lists every RFC that the code follows, so that a reader knows what
// to have at hand. A paragraph may name several: "RFC 3550, 3551".
func TestCitedRFCsAreListed(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n\n") {
		if strings.Contains(paragraph, "RFC") {
			for _, n := range rfcNumber.FindAllString(paragraph, -1) {
				listed[n] = true
			}
		}
	}
	r := load(t)
	reported := make(map[string]bool)
	for _, f := range r.files {
		for _, group := range f.tree.Comments {
			for _, m := range rfcCited.FindAllStringSubmatch(group.Text(), -1) {
				if n := m[1]; !listed[n] && !reported[n] {
					reported[n] = true
					t.Errorf("%s: RFC %s is cited and README.md does not list it", r.at(group.Pos()), n)
				}
			}
		}
	}
}

var (
	rfcNumber = regexp.MustCompile(`\b\d{3,5}\b`)
	rfcCited  = regexp.MustCompile(`\bRFC[ -]?(\d{3,5})\b`)
)
