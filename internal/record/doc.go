// Package record writes what comes over RTP to files: fragmented MP4, motion JPEG, and rtpdump, which has every packet as it
// came.
package record
