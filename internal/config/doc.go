// Package config is what an operator says to Baton: the command line, the
// configuration file and the settings of each path.
//
// [Load] turns arguments into a [Command]. A flag beats the file, the file
// beats the default. The file is YAML read strictly: every unknown key, wrong
// type and bad value of the whole file is reported in one [*Error], each as a
// sentence with its file and line.
//
// cmd/baton is the only caller of Load; the server asks [Config.Path] what holds
// for a path, internal/auth what users a file of them has ([LoadUsers]). The
// package opens the configuration file and looks whether the
// media folder is there. It never listens, never creates a file or a folder and
// keeps no state.
package config
