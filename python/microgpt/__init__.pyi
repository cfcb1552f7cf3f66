# SPDX-License-Identifier: MIT
import os
from typing import Any, Callable, Iterable, Mapping, Optional, Union

import numpy as np
from numpy.typing import NDArray

__version__: str

Document = Union[str, bytes]
Path = Union[str, "os.PathLike[str]"]

class Error(ValueError): ...

class Model:
    @staticmethod
    def load(folder: Path) -> Model: ...
    def save(self, folder: Path) -> None: ...
    def score(self, documents: Iterable[Document], predictor: Optional[str] = None, threads: int = 1) -> NDArray[np.float64]: ...
    def score_details(
        self, documents: Iterable[Document], predictor: Optional[str] = None, threads: int = 1
    ) -> dict[str, NDArray[Any]]: ...
    def position_bits(self, document: Document, predictor: Optional[str] = None) -> NDArray[np.float64]: ...
    def sample(
        self,
        count: int = 10,
        *,
        temperature: float = 0.5,
        top_k: Optional[int] = None,
        top_p: float = 1.0,
        min_p: float = 0.0,
        seed: int = 42,
        prompt: Document = "",
        min_length: int = 0,
        max_length: Optional[int] = None,
        contains: Optional[Document] = None,
        match: Optional[str] = None,
        exact_conditional: bool = False,
        not_in: Optional[Iterable[Document]] = None,
        unique: bool = False,
        budget: Optional[int] = None,
        predictor: Optional[str] = None,
        threads: int = 1,
    ) -> list[Any]: ...
    def explain(
        self,
        document: Document,
        *,
        alternatives: int = 3,
        attention: bool = False,
        head: Optional[int] = None,
        predictor: Optional[str] = None,
    ) -> dict[str, Any]: ...
    def evaluate(self, documents: Union[Iterable[Document], Document]) -> dict[str, dict[str, float]]: ...
    def parameters(self) -> dict[str, NDArray[np.float64]]: ...
    @property
    def config(self) -> dict[str, Any]: ...
    @property
    def characters(self) -> list[Any]: ...
    @property
    def predictor(self) -> str: ...
    @property
    def warning(self) -> str: ...

class Classifier:
    @staticmethod
    def load(folder: Path, threads: int = 1) -> Classifier: ...
    def save(self, folder: Path) -> None: ...
    @property
    def labels(self) -> list[str]: ...
    def model(self, label: int) -> Model: ...
    def probabilities(self, documents: Iterable[Document]) -> NDArray[np.float64]: ...

Setting = Union[bool, int, float, str]

def train(
    documents: Union[Iterable[Document], Document],
    *,
    kind: str = "lines",
    encoding: str = "utf-8",
    preset: Optional[str] = None,
    seconds: Optional[float] = None,
    init: Optional[Model] = None,
    threads: int = 0,
    folder: Optional[Path] = None,
    overwrite: bool = False,
    on_report: Optional[Callable[[int, Optional[float]], None]] = None,
    **settings: Setting,
) -> Model: ...
def resume(
    folder: Path,
    documents: Union[Iterable[Document], Document],
    *,
    kind: str = "lines",
    encoding: str = "utf-8",
    threads: int = 0,
    on_report: Optional[Callable[[int, Optional[float]], None]] = None,
) -> Model: ...
def train_classifier(
    documents: Mapping[str, Iterable[Document]],
    *,
    encoding: str = "utf-8",
    seconds: Optional[float] = None,
    threads: int = 0,
    **settings: Setting,
) -> Classifier: ...
