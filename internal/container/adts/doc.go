// Package adts reads AAC in ADTS (ISO/IEC 14496-3 §1.A.3.2), the form in which AAC is stored without a container. A sample
// is what stands behind each header. Package open calls it.
package adts
