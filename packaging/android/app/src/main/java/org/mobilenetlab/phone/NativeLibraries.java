package org.mobilenetlab.phone;

import dalvik.system.BaseDexClassLoader;

/** Which native libraries the installed APK has. They stay in it; none is unpacked. */
final class NativeLibraries {
    private static final String GPU = "tensorflowlite_gpu_jni";

    private NativeLibraries() {
    }

    /** Whether the GPU delegate's library is there for the ABI that this process runs as. */
    static boolean hasGpu() {
        ClassLoader loader = NativeLibraries.class.getClassLoader();
        return loader instanceof BaseDexClassLoader
                && ((BaseDexClassLoader) loader).findLibrary(GPU) != null;
    }
}
