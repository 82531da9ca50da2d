from engine.models.fallback import float_operations


def test_float_operations_are_named_once_as_they_run(built, tmp_path, tiny_model):
    assert float_operations(built["int8"]) == ()
    path = tmp_path / "colours.tflite"
    path.write_bytes(tiny_model())
    assert float_operations(path) == ("MEAN", "FULLY_CONNECTED", "SOFTMAX")
