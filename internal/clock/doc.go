// Package clock makes the pictures of Baton's live clock: the wall time to the millisecond and a frame counter, to be
// read by eye, and the same two values as black and white blocks, to be read by a program. The difference between the
// time in the picture and the time at which a player shows it is the latency to the picture.
//
// [H264] codes the face as an H.264 stream without a codec library, [JPEG] as a sequence of JPEG images, and [Read]
// reads the blocks back from a decoded picture. The package knows no RTP and no sockets; the server's live source
// calls it, tests and benchmarks read with it.
//
// # The face
//
// 640×360 pixels, 25 pictures a second, times in UTC. A thin bar beneath the time fills during one second and empties
// during the next. The face is laid out on the 16×16 grid of H.264's macroblocks, 40 columns and 22½ rows, so that a
// digit that changes touches no macroblock of its neighbours.
//
// # The blocks
//
// Three rows of 36 square cells, each cell one macroblock: column 2 to 37, row 19 to 21, both counted from 0. Cell
// (column c, row r) of a picture W wide and H high covers x from 16c·W/640 to 16(c+1)·W/640 and y from 16r·H/360 to
// 16(r+1)·H/360, whatever the scale. White is one, black is zero.
//
//	column   2 3   4 … 19                     20 … 35                  36 37
//	row 19   1 0   milliseconds 47…32         milliseconds 31…16        0 1
//	row 20   1 0   milliseconds 15…0          check 15…0                0 1
//	row 21   1 0   frame 31…16                frame 15…0                0 1
//
// Milliseconds is the time since 1970-01-01T00:00Z, 48 bits; frame is the counter, 32 bits; all with the most
// significant bit at the left. Check is CRC-16/CCITT-FALSE (polynomial 1021, initial value FFFF, both hexadecimal, no
// reflection) over ten bytes: the six of milliseconds and the four of frame, big-endian.
//
// To read: take the mean brightness of the middle half of each cell (from a quarter to three quarters of its width and
// height). Columns 2 and 37 are always white, 3 and 36 always black; half way between the mean of the six white and
// the mean of the six black ones is the threshold. There are no blocks in the picture when white is not at least 48 of
// 255 brighter than black, when one of those twelve is on the wrong side, or when check is wrong. Then try again with
// 45/46 of the height: some decoders leave 368 lines where 360 were meant.
package clock
