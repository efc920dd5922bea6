package load

import (
	"slices"
	"time"
)

// A Result is what a run has measured. Times are in milliseconds, and 0 where nothing tells them.
type Result struct {
	Readers int     `json:"readers"`
	Failed  int     `json:"failed"`  // could not be set up
	Gone    int     `json:"gone"`    // whose connection the server has closed
	Starved int     `json:"starved"` // got nothing in the measured time
	Seconds float64 `json:"seconds"`

	Gigabits float64 `json:"gigabits"` // delivered in the measured time
	Slowest  float64 `json:"slowest_mbps"`

	// of the readers that look
	Packets    int     `json:"packets"`
	Lost       int     `json:"lost"`
	LatencyP50 float64 `json:"latency_p50_ms"`
	LatencyP99 float64 `json:"latency_p99_ms"`
	LatencyMax float64 `json:"latency_max_ms"`
	JitterP99  float64 `json:"jitter_p99_ms"`    // how far from its usual time a picture began to come
	KeyP50     float64 `json:"first_key_p50_ms"` // from PLAY to the first key picture
	KeyP99     float64 `json:"first_key_p99_ms"`

	SetUpP50 float64 `json:"set_up_p50_ms"` // from connecting to the response to PLAY
	SetUpP99 float64 `json:"set_up_p99_ms"`
	FirstP50 float64 `json:"first_byte_p50_ms"` // from PLAY
	FirstP99 float64 `json:"first_byte_p99_ms"`

	// of the server's process
	User     float64 `json:"user_s"`
	System   float64 `json:"system_s"`
	CPU      float64 `json:"cpu_s_per_gigabit"`
	Resident float64 `json:"resident_mb"`

	Stalled *Stalled `json:"stalled,omitempty"`
	Churned *Churned `json:"churned,omitempty"` // those that came and went beside the readers

	latency, key, setUp, first, jitter []time.Duration
}

// deliveries sums up what each reader got.
func (r *Result) deliveries(bytes []int64) {
	for i, n := range bytes {
		mbps := float64(n) * 8 / 1e6 / r.Seconds
		if r.Gigabits += float64(n) * 8 / 1e9; i == 0 || mbps < r.Slowest {
			r.Slowest = mbps
		}
		if n == 0 {
			r.Starved++
		}
	}
}

func (r *Result) costs(before, after cost) {
	r.User, r.System, r.Resident = after.user-before.user, after.system-before.system, after.resident
	if r.Gigabits > 0 {
		r.CPU = (r.User + r.System) / r.Gigabits
	}
}

func (r *Result) add(from *reader) {
	if from.gone.Load() {
		r.Gone++
	}
	r.setUp = append(r.setUp, from.setUp)
	if first := from.first.Load(); first > 0 {
		r.first = append(r.first, time.Duration(first))
	}
	v := &from.view
	v.mu.Lock()
	defer v.mu.Unlock()
	r.Packets += v.packets
	r.Lost += v.lost
	r.latency = append(r.latency, v.latency...)
	if v.key > 0 {
		r.key = append(r.key, v.key)
	}
	if len(v.offsets) == 0 {
		return
	}
	slices.Sort(v.offsets)
	usual := v.offsets[len(v.offsets)/2]
	for _, d := range v.offsets {
		r.jitter = append(r.jitter, (d - usual).Abs())
	}
}

func (r *Result) finish() {
	r.LatencyP50, r.LatencyP99, r.LatencyMax = percentile(r.latency, .5), percentile(r.latency, .99), percentile(r.latency, 1)
	r.JitterP99 = percentile(r.jitter, .99)
	r.KeyP50, r.KeyP99 = percentile(r.key, .5), percentile(r.key, .99)
	r.SetUpP50, r.SetUpP99 = percentile(r.setUp, .5), percentile(r.setUp, .99)
	r.FirstP50, r.FirstP99 = percentile(r.first, .5), percentile(r.first, .99)
}

// percentile is in milliseconds.
func percentile(list []time.Duration, p float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return float64(list[min(len(list)-1, int(p*float64(len(list))))]) / 1e6
}
