// Package folder knows what is in the media folder, and follows it while the server runs. What it lists is for people to
// choose from: it goes by the names of files and never opens one. Whether a file can be played shows when package paths
// opens it, and what is not listed can be played all the same.
//
// The folder is reached through an os.Root, so that no link leads out of it. A [Folder] starts nothing by itself: its Run
// walks through the folder at first, when the system says that something has changed (github.com/fsnotify/fsnotify), and
// every now and then, because not all file systems say so.
package folder
