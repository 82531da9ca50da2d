package org.mobilenetlab.phone.core;

/** The engine's state as the lab and the screen see it. */
public final class LabState {
    public final Settings settings;
    public final String delegateApplied;
    public final String delegateNote;
    /** Null where all is well; else a code of PROTOCOL.md, with its sentence. */
    public final String errorCode;
    public final String errorText;

    LabState(Settings settings, ModelRuntime.Graph graph, LabException error) {
        this.settings = settings;
        delegateApplied = graph != null ? graph.delegateApplied() : settings.delegate;
        delegateNote = graph != null ? graph.delegateNote() : "";
        errorCode = error != null ? error.code : null;
        errorText = error != null ? error.getMessage() : null;
    }

    /** Whether pictures are being recognised right now. */
    public boolean isMeasuring() {
        return !settings.paused && errorCode == null;
    }

    /** Whether the camera is needed for what was asked. */
    public boolean wantsCamera() {
        return Settings.CAMERA.equals(settings.source);
    }
}
