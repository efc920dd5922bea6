package main

import (
	"errors"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// bundle makes the scripts of the folder web: what each page begins with becomes one file. The result has the names of the files to
// write, and their contents.
func bundle(web string) (map[string][]byte, error) {
	root, err := filepath.Abs(web)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: root, Outdir: filepath.Join(root, "page", "assets"),
		EntryPointsAdvanced: []api.EntryPoint{
			{InputPath: "player/src/element.ts", OutputPath: "player"}, // <baton-player>, for pages of others too
			{InputPath: "play/play.ts", OutputPath: "play"},
			{InputPath: "home/home.ts", OutputPath: "home"},
		},
		Bundle: true, Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: true, LegalComments: api.LegalCommentsNone,
		TsconfigRaw: `{"compilerOptions": {"strict": true, "target": "ES2022", "verbatimModuleSyntax": true}}`,
	})
	var errs []error
	for _, m := range result.Errors {
		errs = append(errs, errors.New(m.Text))
		if m.Location != nil {
			errs = append(errs, errors.New(m.Location.File+": "+m.Location.LineText))
		}
	}
	files := map[string][]byte{}
	for _, f := range result.OutputFiles {
		files[f.Path] = f.Contents
	}
	return files, errors.Join(errs...)
}
