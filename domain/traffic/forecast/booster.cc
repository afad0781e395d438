#include "domain/traffic/forecast/booster.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <xgboost/c_api.h>

namespace cityloop::traffic {
namespace {

base::Status done(int answer) {
  if (answer == 0) return {};
  return base::fail(base::Errc::invalid, "xgboost: {}", XGBGetLastError());
}

struct Matrix {
  DMatrixHandle handle{nullptr};
  Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  ~Matrix() {
    if (handle != nullptr) XGDMatrixFree(handle);
  }
};

std::string objective_of(const BoosterOptions& options) {
  if (options.probability) return "binary:logistic";
  return options.huber_slope > 0 ? "reg:pseudohubererror" : "reg:squarederror";
}

base::Status fill(Matrix& matrix, const Booster::Rows& rows) {
  return done(XGDMatrixCreateFromMat(rows.values.data(), rows.count(), rows.columns,
                                     std::numeric_limits<float>::quiet_NaN(), &matrix.handle));
}

}  // namespace

struct Booster::Inside {
  BoosterHandle handle{nullptr};
  Inside() = default;
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() {
    if (handle != nullptr) XGBoosterFree(handle);
  }
  base::Status set(const char* name, const std::string& value) {
    return done(XGBoosterSetParam(handle, name, value.c_str()));
  }
};

Booster::Booster() = default;
Booster::~Booster() = default;
Booster::Booster(Booster&&) noexcept = default;
Booster& Booster::operator=(Booster&&) noexcept = default;

base::Result<Booster> Booster::train(Rows rows, std::span<const float> labels, std::span<const float> weights,
                                     const BoosterOptions& options) {
  return train(rows, labels, weights, options, {});
}

base::Result<Booster> Booster::train(Rows rows, std::span<const float> labels, std::span<const float> weights,
                                     const BoosterOptions& options, const std::function<bool(int)>& progress) {
  if (rows.count() != labels.size() || (!weights.empty() && weights.size() != labels.size()) || labels.empty())
    return base::fail(base::Errc::invalid, "{} rows, {} labels and {} weights", rows.count(), labels.size(),
                      weights.size());
  Matrix matrix;
  TRY(fill(matrix, rows));
  TRY(done(XGDMatrixSetFloatInfo(matrix.handle, "label", labels.data(), labels.size())));
  if (!weights.empty()) TRY(done(XGDMatrixSetFloatInfo(matrix.handle, "weight", weights.data(), weights.size())));
  Booster made;
  made.inside_ = std::make_unique<Inside>();
  Inside& inside = *made.inside_;
  TRY(done(XGBoosterCreate(&matrix.handle, 1, &inside.handle)));
  const std::pair<const char*, std::string> settings[] = {
      {"tree_method", "hist"},
      {"objective", objective_of(options)},
      {"base_score", options.probability ? "0.5" : "0"},
      {"max_depth", std::to_string(options.depth)},
      {"eta", fmt::format("{}", options.eta)},
      {"subsample", fmt::format("{}", options.row_share)},
      {"colsample_bynode", fmt::format("{}", options.column_share)},
      {"min_child_weight", fmt::format("{}", options.leaf_weight_least)},
      {"lambda", fmt::format("{}", options.ridge)},
      {"max_bin", std::to_string(options.bins)},
      {"nthread", std::to_string(options.threads)},
      {"seed", std::to_string(options.seed)},
      {"verbosity", "0"},
  };
  for (const auto& [name, value] : settings) TRY(inside.set(name, value));
  if (options.huber_slope > 0) TRY(inside.set("huber_slope", fmt::format("{}", options.huber_slope)));
  for (int round = 0; round < options.rounds; ++round) {
    TRY(done(XGBoosterUpdateOneIter(inside.handle, round, matrix.handle)));
    if (progress && !progress(round + 1)) return base::fail(base::Errc::conflict, "the training was stopped");
  }
  return made;
}

base::Result<std::vector<float>> Booster::predict(Rows rows) const {
  if (!inside_) return base::fail(base::Errc::conflict, "nothing has been learned");
  if (rows.count() == 0) return std::vector<float>{};
  const std::string array =
      fmt::format(R"({{"data":[{},true],"shape":[{},{}],"strides":null,"typestr":"<f4","version":3}})",
                  reinterpret_cast<std::uintptr_t>(rows.values.data()), rows.count(), rows.columns);
  constexpr const char* kHow =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"missing":NaN,"cache_id":0})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  TRY(done(XGBoosterPredictFromDense(inside_->handle, array.c_str(), kHow, nullptr, &shape, &dimensions, &values)));
  return std::vector<float>(values, values + rows.count());
}

base::Status Booster::set_note(const std::string& name, const std::string& words) {
  if (!inside_) return base::fail(base::Errc::conflict, "nothing has been learned");
  return done(XGBoosterSetAttr(inside_->handle, name.c_str(), words.c_str()));
}

std::string Booster::note(const std::string& name) const {
  const char* words = nullptr;
  int found = 0;
  if (!inside_ || XGBoosterGetAttr(inside_->handle, name.c_str(), &words, &found) != 0 || found == 0) return {};
  return words;
}

std::vector<double> Booster::importance(std::size_t columns) const {
  std::vector<double> shares(columns, 0);
  bst_ulong count = 0;
  bst_ulong dimensions = 0;
  const char** names = nullptr;
  const bst_ulong* shape = nullptr;
  const float* gains = nullptr;
  if (!inside_ || XGBoosterFeatureScore(inside_->handle, R"({"importance_type":"total_gain"})", &count, &names,
                                        &dimensions, &shape, &gains) != 0)
    return shares;
  double all = 0;
  for (bst_ulong at = 0; at < count; ++at) {
    const std::string_view name = names[at];  // "f12"
    std::size_t column = columns;
    std::from_chars(name.data() + 1, name.data() + name.size(), column);
    if (column >= columns) continue;
    shares[column] = double(gains[at]);
    all += double(gains[at]);
  }
  if (all > 0)
    for (double& share : shares) share /= all;
  return shares;
}

std::string Booster::library_version() {
  int major = 0, minor = 0, patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return fmt::format("xgboost {}.{}.{}", major, minor, patch);
}

base::Result<std::string> Booster::to_bytes() const {
  if (!inside_) return base::fail(base::Errc::conflict, "nothing has been learned");
  bst_ulong size = 0;
  const char* bytes = nullptr;
  TRY(done(XGBoosterSaveModelToBuffer(inside_->handle, R"({"format":"ubj"})", &size, &bytes)));
  return std::string(bytes, size);
}

base::Result<Booster> Booster::from_bytes(std::string_view bytes) {
  Booster made;
  made.inside_ = std::make_unique<Inside>();
  TRY(done(XGBoosterCreate(nullptr, 0, &made.inside_->handle)));
  TRY(made.inside_->set("nthread", "1"));
  TRY(done(XGBoosterLoadModelFromBuffer(made.inside_->handle, bytes.data(), bytes.size())));
  return made;
}

}  // namespace cityloop::traffic
