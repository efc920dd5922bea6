// Package mp4 reads MP4 and QuickTime files (ISO/IEC 14496-12 and 14496-15, QuickTime File Format): progressive and
// fragmented ones, and fragmented ones that are still being written. It fills the index of package container from the
// sample tables and fragment headers, which it reads through small windows: neither the media data nor a table is ever
// in memory whole, whatever sizes a file claims to have.
//
// The boxes are read by code of its own. Eyevinn/mp4ff decodes the header of a two-hour film into 30 MB, ten times what
// this package allocates and more than three times what it reads; it refuses a header for one box of an odd size, and
// knows neither the box "stz2" nor QuickTime's sound descriptions.
package mp4
