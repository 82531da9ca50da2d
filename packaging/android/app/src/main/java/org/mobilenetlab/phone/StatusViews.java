package org.mobilenetlab.phone;

import android.app.Activity;
import android.view.View;
import android.view.WindowManager;
import android.widget.Button;
import android.widget.TextView;
import org.mobilenetlab.phone.core.LabState;
import org.mobilenetlab.phone.core.ModelInfo;
import org.mobilenetlab.phone.core.Settings;

/** The texts and buttons around the picture: what runs, on what, for whom, and what is wrong. */
final class StatusViews {
    private final Activity activity;
    private final TextView modelName;
    private final TextView runFacts;
    private final TextView delegateNote;
    private final TextView message;
    private final Button pause;
    private final View switchCamera;
    private final View allow;
    private final View preview;
    private final boolean canSwitch;

    /** @param canSwitch whether there is another camera to switch to */
    StatusViews(Activity activity, boolean canSwitch) {
        this.activity = activity;
        this.canSwitch = canSwitch;
        modelName = text(R.id.model_name);
        runFacts = text(R.id.run_facts);
        delegateNote = text(R.id.delegate_note);
        message = text(R.id.message);
        pause = (Button) activity.findViewById(R.id.pause);
        switchCamera = activity.findViewById(R.id.switch_camera);
        allow = activity.findViewById(R.id.allow);
        preview = activity.findViewById(R.id.preview);
    }

    private TextView text(int id) {
        return (TextView) activity.findViewById(id);
    }

    void show(Shown now) {
        LabState state = now.state;
        Settings settings = state.settings;
        modelName.setText(modelName(now));
        runFacts.setText(activity.getString(R.string.run_facts,
                activity.getString(now.linked ? R.string.linked : R.string.not_linked),
                activity.getString(source(settings)), state.delegateApplied, settings.threads));
        boolean refused = !settings.delegate.equals(state.delegateApplied);
        delegateNote.setText(refused ? activity.getString(R.string.delegate_refused,
                state.delegateApplied, settings.delegate, state.delegateNote) : "");
        show(delegateNote, refused && now.model != null);
        pause.setText(settings.paused ? R.string.resume : R.string.pause);
        show(switchCamera, canSwitch && state.wantsCamera());
        String text = explanation(state);
        message.setText(text);
        show(message, !text.isEmpty());
        show(allow, "camera_permission".equals(state.errorCode));
        preview.setVisibility(state.wantsCamera() ? View.VISIBLE : View.INVISIBLE);
        keepScreenOn(state.isMeasuring());
    }

    private String modelName(Shown now) {
        if (now.model == null) {
            boolean opening = now.state.errorCode == null;
            return activity.getString(opening ? R.string.opening : R.string.no_model_name);
        }
        ModelInfo info = now.model.info;
        return info.untrained ? activity.getString(R.string.untrained, info.name) : info.name;
    }

    private static int source(Settings settings) {
        switch (settings.source) {
            case Settings.PICTURES:
                return R.string.source_pictures;
            case Settings.LOOP:
                return R.string.source_loop;
            default:
                return Settings.FRONT.equals(settings.camera)
                        ? R.string.source_front : R.string.source_back;
        }
    }

    private String explanation(LabState state) {
        if (state.errorCode == null) {
            return "";
        }
        switch (state.errorCode) {
            case "background": // whoever reads this has just brought it to the front
                return "";
            case "no_model":
                return activity.getString(R.string.error_no_model);
            case "bad_model":
                return activity.getString(R.string.error_bad_model, state.errorText);
            case "inference":
                return activity.getString(R.string.error_inference, state.errorText);
            case "no_pictures":
                return activity.getString(R.string.error_no_pictures);
            case "camera_permission":
                return activity.getString(R.string.error_camera_permission);
            case "camera_busy":
                return activity.getString(R.string.error_camera_busy);
            case "no_camera":
                return activity.getString(R.string.error_no_camera, state.errorText);
            default:
                return state.errorText;
        }
    }

    private static void show(View view, boolean shown) {
        view.setVisibility(shown ? View.VISIBLE : View.GONE);
    }

    private void keepScreenOn(boolean on) {
        if (on) {
            activity.getWindow().addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON);
        } else {
            activity.getWindow().clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON);
        }
    }
}
