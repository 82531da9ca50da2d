package org.mobilenetlab.phone;

import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.LoadedModel;
import org.mobilenetlab.phone.core.Recognition;

/** All that the screen shows at one moment. */
final class Shown {
    final LabState state;
    /** Null while there is none. */
    final LoadedModel model;
    /** The last result; null while there is none. */
    final Recognition seen;
    final float medianMs;
    final float pipelineFps;
    /** When the result was delivered. */
    final long finishedNs;
    final boolean linked;

    Shown(LabState state, LoadedModel model, Recognition seen, float medianMs, float pipelineFps,
            long finishedNs, boolean linked) {
        this.state = state;
        this.model = model;
        this.seen = seen;
        this.medianMs = medianMs;
        this.pipelineFps = pipelineFps;
        this.finishedNs = finishedNs;
        this.linked = linked;
    }
}
