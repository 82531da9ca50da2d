package org.mobilenetlab.phone;

import android.app.Application;

/** Keeps the lab alive as long as the process, whatever becomes of the screen. */
public final class LabApplication extends Application {
    private Lab lab;

    @Override
    public void onCreate() {
        super.onCreate();
        lab = new Lab(this);
        lab.start();
    }

    Lab lab() {
        return lab;
    }
}
