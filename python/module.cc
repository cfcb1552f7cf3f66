// SPDX-License-Identifier: MIT
// The Python module microgpt._microgpt: the library for C++, with Python's types. What is said of functions to people stands in
// python/microgpt/__init__.pyi and in the docstrings here.
//
// Strings go in as the UTF-8 that Python keeps of them, and no numbers are copied that need not be. Long work lets other
// threads of Python run, and looks now and then whether Ctrl-C was pressed.
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "microgpt/microgpt.h"

namespace py = pybind11;
using namespace pybind11::literals;

namespace microgpt {
namespace {

// Documents that live as long as this: a list, tuple or array of str. Of a model of bytes they are bytes.
class Documents {
 public:
  explicit Documents(const py::iterable& documents) {
    if (PyUnicode_Check(documents.ptr()) || PyBytes_Check(documents.ptr()))
      throw py::type_error("this is one document, and must be a list of them");
    owner_ = py::tuple(documents);
    views_.reserve(py::len_hint(documents));
    for (const py::handle document : owner_) views_.push_back(view_of(document));
  }

  std::span<const std::string_view> views() const { return views_; }

  static std::string_view view_of(const py::handle& document) {
    Py_ssize_t size = 0;
    if (PyUnicode_Check(document.ptr())) {
      const char* const text = PyUnicode_AsUTF8AndSize(document.ptr(), &size);
      if (text == nullptr) throw py::error_already_set();
      return {text, static_cast<std::size_t>(size)};
    }
    if (PyBytes_Check(document.ptr()))
      return {PyBytes_AS_STRING(document.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(document.ptr()))};
    throw py::type_error("a document is a str (or bytes, for a model of bytes), and not " +
                         std::string(py::str(py::type::of(document))));
  }

 private:
  py::tuple owner_;
  std::vector<std::string_view> views_;
};

std::optional<PredictorKind> predictor_of(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  if (*name == "mixture") return PredictorKind::mixture;
  if (*name == "gpt") return PredictorKind::gpt;
  if (*name == "ngram") return PredictorKind::ngram;
  throw ConfigError("predictor", "\"" + *name + "\" is not mixture, gpt or ngram");
}

const char* name_of(PredictorKind predictor) {
  return predictor == PredictorKind::mixture ? "mixture" : predictor == PredictorKind::gpt ? "gpt" : "ngram";
}

py::object text_of(const Model& model, const std::string& text) {
  if (model.tokenizer().encoding() == Encoding::bytes) return py::bytes(text);
  return py::str(text);
}

Setting setting_of(const std::string& name, const py::handle& value) {
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (PyIndex_Check(value.ptr())) {  // an int, or one of numpy
    const py::int_ whole = py::reinterpret_steal<py::int_>(PyNumber_Index(value.ptr()));
    if (!whole) throw py::error_already_set();
    int overflow = 0;
    if (const long long number = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow); overflow == 0)
      return std::int64_t{number};
    const unsigned long long number = PyLong_AsUnsignedLongLong(whole.ptr());
    if (PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      throw ConfigError(name, "is too large a number");
    }
    return std::uint64_t{number};
  }
  if (PyFloat_Check(value.ptr()) || py::hasattr(value, "__float__"))
    return py::float_(py::reinterpret_borrow<py::object>(value)).cast<double>();
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  throw ConfigError(name, "is neither a number, nor a str, nor True or False");
}

// Looks whether Ctrl-C was pressed, ten times a second at most; for one thread.
class SignalCheck {
 public:
  void operator()() {
    const auto now = Clock::now();
    if (now - last_look_ < std::chrono::milliseconds(100)) return;
    last_look_ = now;
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point last_look_ = Clock::now();
};

// The same for several threads: each looks for itself.
void check_signals() {
  thread_local SignalCheck check;
  check();
}

// Ends the training where Python wants to, and tells a function of Python of the validations.
class Observer final : public TrainObserver {
 public:
  explicit Observer(py::object on_report) : on_report_(std::move(on_report)) {}

  void on_step(std::size_t, double) override { check_(); }
  void on_report(std::size_t step, const std::optional<MeanLoss>& validation) override {
    if (on_report_.is_none()) return;
    const py::gil_scoped_acquire gil;
    on_report_(step, validation ? py::object(py::float_(validation->token_mean)) : py::object(py::none()));
  }
  void check() override { check_(); }
  EvaluationWatch watch_validation() override {
    return [this](std::size_t) { check_(); };
  }
  EvaluationWatch watch_teacher() override { return watch_validation(); }

 private:
  py::object on_report_;
  SignalCheck check_;
};

Corpus corpus_of(const py::object& documents, const std::string& kind, const std::string& encoding) {
  const Encoding code = encoding == "bytes" ? Encoding::bytes : Encoding::utf8;
  if (encoding != "bytes" && encoding != "utf-8") throw ConfigError("encoding", "\"" + encoding + "\" is not utf-8 or bytes");
  if (kind == "text") return Corpus::from_text("text", std::string(Documents::view_of(documents)), code);
  if (kind != "lines") throw ConfigError("kind", "\"" + kind + "\" is not lines or text");
  const Documents all(documents);
  return Corpus::from_documents("documents", all.views(), code);
}

Model train_model(const py::object& documents, const std::string& kind, const std::string& encoding,
                  const std::optional<std::string>& preset, std::optional<double> seconds, const std::optional<Model>& init,
                  std::size_t threads, const std::optional<std::filesystem::path>& folder, bool overwrite,
                  const py::object& on_report, const py::kwargs& settings) {
  TrainOptions options{.preset = preset,
                       .seconds = seconds,
                       .init = init,
                       .threads = threads,
                       .folder = folder ? std::optional(folder->string()) : std::nullopt,
                       .overwrite = overwrite};
  for (const auto& [name, value] : settings)
    if (!value.is_none())
      options.settings.insert_or_assign(name.cast<std::string>(), setting_of(name.cast<std::string>(), value));
  const Corpus corpus = corpus_of(documents, kind, encoding);
  Observer observer(on_report);
  const py::gil_scoped_release release;
  return train(corpus, options, &observer);
}

Model resume_model(const std::filesystem::path& folder, const py::object& documents, const std::string& kind,
                   const std::string& encoding, std::size_t threads, const py::object& on_report) {
  const Corpus corpus = corpus_of(documents, kind, encoding);
  Observer observer(on_report);
  const py::gil_scoped_release release;
  return resume_training(folder.string(), corpus, threads, &observer);
}

// The numbers of scores, as arrays of their own.
template <typename Number, typename Of>
py::array_t<Number> array_of(const std::vector<Score>& scores, const Of& of) {
  py::array_t<Number> array(static_cast<py::ssize_t>(scores.size()));
  auto numbers = array.template mutable_unchecked<1>();
  for (std::size_t i = 0; i < scores.size(); ++i) numbers(static_cast<py::ssize_t>(i)) = of(scores[i]);
  return array;
}

std::vector<Score> scores_of(const Model& model, const Documents& documents, const std::optional<std::string>& predictor,
                             std::size_t threads) {
  const ScoreOptions options{.predictor = predictor_of(predictor), .threads = threads};
  const py::gil_scoped_release release;
  return Scorer(model, options).score(documents.views());
}

py::array_t<double> score(const Model& model, const py::iterable& documents, const std::optional<std::string>& predictor,
                          std::size_t threads) {
  const Documents all(documents);
  return array_of<double>(scores_of(model, all, predictor, threads), [](const Score& each) { return each.bits; });
}

py::dict score_details(const Model& model, const py::iterable& documents, const std::optional<std::string>& predictor,
                       std::size_t threads) {
  const Documents all(documents);
  const std::vector<Score> scores = scores_of(model, all, predictor, threads);
  py::dict details;
  details["bits"] = array_of<double>(scores, [](const Score& each) { return each.bits; });
  details["characters"] = array_of<std::int64_t>(scores, [](const Score& each) { return each.characters; });
  details["unseen"] = array_of<std::int64_t>(scores, [](const Score& each) { return each.unseen; });
  return details;
}

py::array_t<double> position_bits(const Model& model, const py::object& document, const std::optional<std::string>& predictor) {
  const std::string_view text = Documents::view_of(document);
  const ScoreOptions options{.predictor = predictor_of(predictor)};
  std::optional<Scorer> scorer;
  std::span<const double> bits;
  {
    const py::gil_scoped_release release;
    bits = scorer.emplace(model, options).position_bits(text);
  }
  return py::array_t<double>(static_cast<py::ssize_t>(bits.size()), bits.data());
}

py::list samples_of(const Model& model, const SampleOptions& options) {
  std::vector<Sample> samples;
  {
    const py::gil_scoped_release release;
    samples = sample(model, options);
  }
  py::list list;
  for (const Sample& each : samples) list.append(text_of(model, each.text));
  return list;
}

py::dict parameters_of(const Model& model) {
  py::dict tensors;
  const py::capsule owner(new Model(model), [](void* owned) { delete static_cast<Model*>(owned); });
  for (const Tensor& tensor : model.table().tensors()) {
    py::array_t<double> array({tensor.rows, tensor.columns}, model.parameters(tensor.name).data(), owner);
    array.attr("setflags")("write"_a = false);
    tensors[py::str(tensor.name)] = array;
  }
  return tensors;
}

py::dict config_of(const Model& model) {
  const Config& config = model.config();
  py::dict dict;
  dict["vocab_size"] = config.vocab_size;
  dict["n_layer"] = config.n_layer;
  dict["n_embd"] = config.n_embd;
  dict["n_head"] = config.n_head;
  dict["block_size"] = config.block_size;
  dict["activation"] = config.activation == Activation::relu ? "relu" : "relu2";
  return dict;
}

py::list characters_of(const Model& model) {
  py::list characters;
  for (const char32_t character : model.tokenizer().characters()) {
    if (model.tokenizer().encoding() == Encoding::bytes)
      characters.append(py::bytes(std::string(1, static_cast<char>(character))));
    else
      characters.append(py::reinterpret_steal<py::str>(PyUnicode_FromOrdinal(static_cast<int>(character))));
  }
  return characters;
}

py::object explanation_of(const Model& model, const py::object& document, std::size_t alternatives, bool attention,
                          std::optional<std::size_t> head, const std::optional<std::string>& predictor) {
  const std::string_view text = Documents::view_of(document);
  const ExplainOptions options{alternatives, attention, head, predictor_of(predictor)};
  std::string json;
  {
    const py::gil_scoped_release release;
    json = to_json(explain(model, text, options), model, text);
  }
  return py::module_::import("json").attr("loads")(json);
}

py::dict figures_of(const Evaluation& evaluation) {
  py::dict figures;
  figures["documents"] = evaluation.documents;
  figures["characters"] = evaluation.characters;
  figures["unseen"] = evaluation.unseen;
  figures["loss_document_mean"] = evaluation.loss.document_mean;
  figures["loss_token_mean"] = evaluation.loss.token_mean;
  figures["bits_per_character"] = evaluation.bits_per_character();
  figures["perplexity"] = evaluation.perplexity();
  return figures;
}

py::dict comparison_of(const Comparison& comparison) {
  py::dict all;
  all["gpt"] = figures_of(comparison.model);
  if (comparison.ngram) all["ngram"] = figures_of(*comparison.ngram);
  if (comparison.mixture) all["mixture"] = figures_of(*comparison.mixture);
  return all;
}

py::dict evaluation_of(const Model& model, const py::object& documents) {
  const Corpus corpus = corpus_of(documents, model.corpus_kind() == CorpusKind::text ? "text" : "lines",
                                  model.tokenizer().encoding() == Encoding::bytes ? "bytes" : "utf-8");
  std::optional<Comparison> comparison;
  {
    const py::gil_scoped_release release;
    comparison = evaluate(model, corpus);
  }
  return comparison_of(*comparison);
}

// One thread at a time computes with it, whatever threads Python has.
class SharedClassifier {
 public:
  explicit SharedClassifier(Classifier classifier) : classifier_(std::move(classifier)) {}

  const Classifier& get() const { return classifier_; }

  py::array_t<double> probabilities(const py::iterable& documents) {
    const Documents all(documents);
    const std::size_t rows = all.views().size(), columns = classifier_.labels().size();
    py::array_t<double> array({rows, columns});
    const std::span<double> numbers(array.mutable_data(), rows * columns);
    {
      const py::gil_scoped_release release;
      const std::lock_guard lock(mutex_);
      classifier_.probabilities(all.views(), numbers);
    }
    return array;
  }

 private:
  Classifier classifier_;
  std::mutex mutex_;
};

std::unique_ptr<SharedClassifier> train_classes(const py::dict& documents, const std::string& encoding,
                                                std::optional<double> seconds, std::size_t threads,
                                                const py::kwargs& settings) {
  TrainOptions options{.seconds = seconds, .threads = threads};
  for (const auto& [name, value] : settings)
    if (!value.is_none())
      options.settings.insert_or_assign(name.cast<std::string>(), setting_of(name.cast<std::string>(), value));
  std::vector<LabelledCorpus> classes;
  for (const auto& [label, lines] : documents) {
    if (!py::isinstance<py::str>(label)) throw py::type_error("a label is a str");
    classes.push_back({label.cast<std::string>(), corpus_of(py::reinterpret_borrow<py::object>(lines), "lines", encoding)});
  }
  const py::gil_scoped_release release;
  return std::make_unique<SharedClassifier>(train_classifier(classes, options, check_signals));
}

}  // namespace

PYBIND11_MODULE(_microgpt, m) {
  m.attr("__version__") = MICROGPT_VERSION;
  const auto error = py::register_exception<Error>(m, "Error", PyExc_ValueError);
  error.doc() = "What went wrong, in one line that names the value or the file and the remedy.";

  py::class_<Model>(m, "Model",
                    "A trained model: a GPT, its tokenizer, and beside it an n-gram and how the two are mixed.\n\nIt does not "
                    "change; any number of threads may use it.")
      .def_static(
          "load", [](const std::filesystem::path& folder) { return Model::load(folder.string()); }, "folder"_a,
          py::call_guard<py::gil_scoped_release>(), "The model in a folder that microgpt train or save() has written.")
      .def(
          "save", [](const Model& model, const std::filesystem::path& folder) { model.save(folder.string()); }, "folder"_a,
          py::call_guard<py::gil_scoped_release>(),
          "Write the model into a folder, which load() and the program microgpt read.")
      .def("score", &score, "documents"_a, "predictor"_a = py::none(), "threads"_a = 1,
           "What each document costs, in bits: -log2 of its probability.\n\nReturns a numpy array, float64 [documents]. "
           "threads=0 takes all cores; other threads of Python run meanwhile.")
      .def("score_details", &score_details, "documents"_a, "predictor"_a = py::none(), "threads"_a = 1,
           "The same as a dict of arrays [documents]: bits (float64), characters and unseen (int64).")
      .def("position_bits", &position_bits, "document"_a, "predictor"_a = py::none(),
           "What each character of a document costs, in bits, and last its end: float64 [characters + 1].")
      .def(
          "sample",
          [](const Model& model, std::size_t count, double temperature, std::optional<std::size_t> top_k, double top_p,
             double min_p, std::uint64_t seed, const std::string& prompt, std::size_t min_length,
             std::optional<std::size_t> max_length, std::optional<std::string> contains, std::optional<std::string> match,
             bool exact_conditional, const std::optional<py::object>& not_in, bool unique, std::optional<std::uint64_t> budget,
             const std::optional<std::string>& predictor, std::size_t threads) {
            std::optional<Corpus> known;
            if (not_in && py::len_hint(*not_in) > 0)
              known = corpus_of(*not_in, "lines", model.tokenizer().encoding() == Encoding::bytes ? "bytes" : "utf-8");
            return samples_of(model, {count, temperature, top_k, top_p, min_p, seed, prompt, min_length, max_length,
                                      std::move(contains), std::move(match), exact_conditional, known ? &*known : nullptr,
                                      unique, budget, false, check_signals, predictor_of(predictor), threads});
          },
          "count"_a = 10, py::kw_only(), "temperature"_a = 0.5, "top_k"_a = py::none(), "top_p"_a = 1.0, "min_p"_a = 0.0,
          "seed"_a = 42, "prompt"_a = "", "min_length"_a = 0, "max_length"_a = py::none(), "contains"_a = py::none(),
          "match"_a = py::none(), "exact_conditional"_a = false, "not_in"_a = py::none(), "unique"_a = false,
          "budget"_a = py::none(), "predictor"_a = py::none(), "threads"_a = 1,
          "New documents, a list of str. The same arguments give the same documents.")
      .def("explain", &explanation_of, "document"_a, py::kw_only(), "alternatives"_a = kAlternatives, "attention"_a = false,
           "head"_a = py::none(), "predictor"_a = py::none(),
           "The loss of a document laid open, position by position: the dict of microgpt explain --json.")
      .def("evaluate", &evaluation_of, "documents"_a,
           "How well the model predicts documents that it has not seen: figures of each predictor, losses in nats.")
      .def("parameters", &parameters_of,
           "The parameters by the names of their tensors: numpy arrays, float64 [rows, columns], that share the model's "
           "memory\nand cannot be written.")
      .def_property_readonly("config", &config_of, "The shape of the model, a dict.")
      .def_property_readonly("characters", &characters_of,
                             "The characters that it knows, in the order of their tokens; the last token is the end.")
      .def_property_readonly(
          "predictor", [](const Model& model) { return name_of(model.predictor()); },
          "What predicts: mixture, or gpt where there is no n-gram.")
      .def_property_readonly("warning", &Model::warning, "What must be said of a model that is not good, or \"\".")
      .def("__repr__", [](const Model& model) {
        const Config& c = model.config();
        return "<microgpt.Model " + std::to_string(c.n_layer) + "x" + std::to_string(c.n_embd) + ", " +
               std::to_string(model.parameters().size()) + " parameters, " + std::to_string(c.vocab_size) + " tokens, " +
               name_of(model.predictor()) + ">";
      });

  py::class_<SharedClassifier>(m, "Classifier", "Models of classes of documents, and how what they say is weighed.")
      .def_static(
          "load",
          [](const std::filesystem::path& folder, std::size_t threads) {
            const py::gil_scoped_release release;
            return std::make_unique<SharedClassifier>(Classifier::load(folder.string(), threads));
          },
          "folder"_a, "threads"_a = 1, "That in a folder of microgpt train-pair, train-classes or save().")
      .def(
          "save", [](const SharedClassifier& self, const std::filesystem::path& folder) { self.get().save(folder.string()); },
          "folder"_a, py::call_guard<py::gil_scoped_release>(),
          "Write the models, linear.bin and classifier.json into a folder, which load() and microgpt classify read.")
      .def_property_readonly(
          "labels", [](const SharedClassifier& self) { return self.get().labels(); }, "Of the classes, a list of str.")
      .def(
          "model",
          [](const SharedClassifier& self, std::size_t label) {
            if (label >= self.get().labels().size()) throw py::index_error("there is no class of that number");
            return self.get().model(label);
          },
          "label"_a, "The model of the class of that number.")
      .def("probabilities", &SharedClassifier::probabilities, "documents"_a,
           "P(class | document): a numpy array, float64 [documents, labels], whose rows sum to 1.");
  m.def(
      "train_classifier", &train_classes, "documents"_a, py::kw_only(), "encoding"_a = "utf-8", "seconds"_a = py::none(),
      "threads"_a = 0,
      "Train a classifier on a dict from labels to documents: {\"spam\": [...], \"ham\": [...]}.\n\n"
      "A twentieth of each class is held out to fit the weights, and as much for a test. What is not set fits the documents.");

  m.def(
      "train", &train_model, "documents"_a, py::kw_only(), "kind"_a = "lines", "encoding"_a = "utf-8", "preset"_a = py::none(),
      "seconds"_a = py::none(), "init"_a = py::none(), "threads"_a = 0, "folder"_a = py::none(), "overwrite"_a = false,
      "on_report"_a = py::none(),
      "Train a model on documents, a list of str (or one str with kind=\"text\"), and return it.\n\n"
      "What is not set fits the documents. Settings are those of microgpt train: num_steps=1000, n_layer=2 ...\n"
      "on_report(step, validation_loss) is called at each validation; the loss is in nats, or None where nothing is held out.");
  m.def("resume", &resume_model, "folder"_a, "documents"_a, py::kw_only(), "kind"_a = "lines", "encoding"_a = "utf-8",
        "threads"_a = 0, "on_report"_a = py::none(),
        "Go on with the run in a folder where it stopped, to the bits that it would have had.");
}

}  // namespace microgpt
