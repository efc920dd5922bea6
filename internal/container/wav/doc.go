// Package wav reads WAV files with uncompressed audio: RIFF, and RF64 for those beyond 4 GiB (EBU Tech 3306). Samples
// become L16, PCMU or PCMA in blocks of 20 ms. Package open calls it; it never reads audio to open a file.
package wav
