package matroska

// IDs of elements, RFC 8794 §11.2 and RFC 9559 §5.1.
const (
	idEBML       = 0x1A45DFA3
	idDocType    = 0x4282
	idMaxIDLen   = 0x42F2
	idMaxSizeLen = 0x42F3

	idSegment  = 0x18538067
	idSeekHead = 0x114D9B74
	idInfo     = 0x1549A966
	idTracks   = 0x1654AE6B
	idCluster  = 0x1F43B675

	idSeek         = 0x4DBB
	idSeekID       = 0x53AB
	idSeekPosition = 0x53AC

	idTimestampScale = 0x2AD7B1
	idDuration       = 0x4489

	idTrackEntry      = 0xAE
	idTrackNumber     = 0xD7
	idTrackType       = 0x83
	idCodecID         = 0x86
	idCodecPrivate    = 0x63A2
	idDefaultDuration = 0x23E383
	idCodecDelay      = 0x56AA
	idVideo           = 0xE0
	idPixelWidth      = 0xB0
	idPixelHeight     = 0xBA
	idAudio           = 0xE1
	idSamplingRate    = 0xB5
	idChannels        = 0x9F
	idBitDepth        = 0x6264

	idContentEncodings = 0x6D80
	idContentEncoding  = 0x6240
	idEncodingScope    = 0x5032
	idEncodingType     = 0x5033
	idCompression      = 0x5034
	idCompressionAlgo  = 0x4254
	idCompressionData  = 0x4255

	idTimestamp      = 0xE7
	idSimpleBlock    = 0xA3
	idBlockGroup     = 0xA0
	idBlock          = 0xA1
	idBlockDuration  = 0x9B
	idReferenceBlock = 0xFB
)

// Values of TrackType, RFC 9559 §5.1.4.1.3.
const (
	typeVideo = 1
	typeAudio = 2
)
