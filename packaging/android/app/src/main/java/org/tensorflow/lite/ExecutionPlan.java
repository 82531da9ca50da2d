package org.tensorflow.lite;

/**
 * How many nodes an interpreter executes.
 *
 * <p>A delegate that takes part of a graph puts one node of its own in the place of the ones it
 * took: a plan shorter than the graph is the only sign that Java gets of it. TensorFlow Lite
 * shows the length to its own package alone, hence the place of this class.
 */
public final class ExecutionPlan {
    private ExecutionPlan() {
    }

    public static int length(Interpreter interpreter) {
        return interpreter.getExecutionPlanLength();
    }
}
