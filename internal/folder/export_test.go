package folder

// SetLimits sets how much is listed.
func (f *Folder) SetLimits(entries, names, folders, depth int) {
	f.limits = limits{entries, names, folders, depth}
}

// SetWatcher has changes noticed by something else than the system.
func (f *Folder) SetWatcher(open func(changed func()) (interface {
	Add(dir string) error
	Close() error
}, error)) {
	f.newWatcher = func(changed func()) (watcher, error) { return open(changed) }
}
