#include "text/classifier.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "text/letters.h"
#include "text/normal.h"

namespace cityloop::text {
namespace {

constexpr std::string_view kMagic = "cityloop text classifier\n";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kSumSeed = 0x50;

}  // namespace

Verdict ranked(const Calibration& calibration, std::span<const double> scores) {
  std::vector<double> sure(scores.size());
  calibration.apply(scores, sure);
  Verdict out;
  for (std::size_t label = 0; label < sure.size(); ++label) out.choices.push_back({std::uint16_t(label), sure[label]});
  std::ranges::stable_sort(out.choices, std::greater{}, &Verdict::Choice::confidence);
  return out;
}

Classifier::Vector Classifier::vector_of(const std::vector<Piece>& pieces) const {
  std::vector<std::pair<std::uint32_t, float>> counts;
  counts.reserve(pieces.size());
  for (const Piece& piece : pieces) {
    if (const auto found = column_.find(piece.hash); found != column_.end()) {
      counts.emplace_back(found->second, piece.count);
    }
  }
  std::ranges::sort(counts, {}, &std::pair<std::uint32_t, float>::first);
  Vector out;
  for (const auto& [column, count] : counts) {
    if (!out.column.empty() && out.column.back() == column) {
      out.value.back() += count;
    } else {
      out.column.push_back(column);
      out.value.push_back(count);
    }
  }
  double square[kBlocks]{};
  for (std::size_t i = 0; i < out.column.size(); ++i) {
    // The root: what is said twice does not weigh twice, nor does the beginning weigh as much more as it counts.
    out.value[i] = std::sqrt(out.value[i]) * rarity_[out.column[i]];
    square[block_[out.column[i]]] += double(out.value[i]) * out.value[i];
  }
  const double letters = options_.letters_max > 0 ? options_.letters_share : 0;
  const double share[kBlocks]{1 - letters, letters};
  float scale[kBlocks]{};
  for (std::size_t b = 0; b < kBlocks; ++b) scale[b] = float(square[b] > 0 ? std::sqrt(share[b] / square[b]) : 0);
  for (std::size_t i = 0; i < out.column.size(); ++i) out.value[i] *= scale[block_[out.column[i]]];
  return out;
}

Verdict Classifier::classify(std::string_view text, std::size_t reasons_max) const {
  const std::string normal = normal_form(text);
  const std::vector<Word> words = content_words(normal, segmenter_);
  const std::vector<Piece> pieces = pieces_of(words, options_);
  const Vector vector = vector_of(pieces);
  std::vector<double> scores(labels_.size());
  score_row(weights_, vector.column, vector.value, scores);
  Verdict out = ranked(calibration_, scores);
  for (const Piece& piece : pieces) {
    const bool word = piece.block == Block::words && piece.first == piece.last;
    if (word && column_.contains(piece.hash)) ++out.known_words;
  }
  if (reasons_max > 0) out.reasons = reasons_of(words, pieces, vector, out, reasons_max);
  return out;
}

// What each learned piece adds to the likeliest label beyond the second, spread over its occurrences and over the words
// that it covers.
std::vector<Reason> Classifier::reasons_of(const std::vector<Word>& words, const std::vector<Piece>& pieces,
                                           const Vector& vector, const Verdict& verdict, std::size_t most) const {
  const std::size_t label = verdict.choices[0].label, second = verdict.choices[1].label;
  std::vector<double> added(vector.column.size());
  for (std::size_t i = 0; i < added.size(); ++i) {
    const float* const w = weights_.at(vector.column[i]);
    added[i] = double(vector.value[i]) * (w[label] - w[second]);
  }
  const auto place_of = [&](std::uint64_t hash) -> std::size_t {
    const auto found = column_.find(hash);
    if (found == column_.end()) return SIZE_MAX;
    return std::size_t(std::ranges::lower_bound(vector.column, found->second) - vector.column.begin());
  };
  std::vector<double> counts(added.size()), of_word(words.size());
  for (const Piece& piece : pieces) {
    if (const std::size_t i = place_of(piece.hash); i != SIZE_MAX) counts[i] += piece.count;
  }
  for (const Piece& piece : pieces) {
    const std::size_t i = place_of(piece.hash);
    if (i == SIZE_MAX) continue;
    const double part = added[i] * piece.count / counts[i] / (piece.last - piece.first + 1);
    for (std::size_t word = piece.first; word <= piece.last; ++word) of_word[word] += part;
  }
  std::map<std::string_view, double> sums;
  for (std::size_t i = 0; i < words.size(); ++i) sums[words[i].text] += of_word[i];
  double all = 0;
  std::vector<Reason> out;
  for (const auto& [word, sum] : sums) {
    if (sum <= 0) continue;
    all += sum;
    out.push_back({std::string(word), sum});
  }
  std::ranges::stable_sort(out, std::greater{}, &Reason::share);
  if (out.size() > most) out.resize(most);
  for (Reason& reason : out) reason.share /= all;
  return out;
}

std::string Classifier::to_bytes() const {
  base::ByteWriter out;
  out.raw(kMagic);
  out.u8(kVersion);
  out.text(origin_.command);
  out.text(origin_.data);
  out.varint(origin_.texts);
  out.f64(origin_.accuracy);
  out.f64(origin_.loss);
  out.varint(labels_.size());
  for (const std::string& label : labels_) out.text(label);
  segmenter_.save(out);
  save(options_, out);
  calibration_.save(out);
  std::vector<std::uint64_t> hashes(rarity_.size());
  for (const auto& [hash, column] : column_) hashes[column] = hash;
  out.varint(hashes.size());
  const auto raw = [&](const auto& list) {
    out.raw({reinterpret_cast<const char*>(list.data()), list.size() * sizeof(list[0])});
  };
  raw(hashes);
  raw(rarity_);
  raw(block_);
  raw(weights_.is);
  const std::uint64_t sum = hash64(out.view(), kSumSeed);
  out.raw({reinterpret_cast<const char*>(&sum), sizeof(sum)});
  return out.take();
}

base::Result<Classifier> Classifier::from_bytes(std::string_view bytes) {
  const auto damaged = [] { return base::fail(base::Errc::corrupt, "the classifier's file is damaged"); };
  if (!bytes.starts_with(kMagic)) return base::fail(base::Errc::malformed, "this is no classifier's file");
  std::uint64_t sum;
  if (bytes.size() < kMagic.size() + 1 + sizeof(sum)) return damaged();
  std::memcpy(&sum, bytes.data() + bytes.size() - sizeof(sum), sizeof(sum));
  bytes.remove_suffix(sizeof(sum));
  if (hash64(bytes, kSumSeed) != sum) return damaged();
  base::ByteReader in(bytes.substr(kMagic.size()));
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    return base::fail(base::Errc::unsupported, "the classifier's file has form {}, this program reads {}", version,
                      kVersion);
  }
  Classifier out;
  out.origin_.command = in.text();
  out.origin_.data = in.text();
  out.origin_.texts = in.varint();
  out.origin_.accuracy = in.f64();
  out.origin_.loss = in.f64();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) out.labels_.emplace_back(in.text());
  out.segmenter_ = TRY(Segmenter::load(in));
  out.options_ = load_feature_options(in);
  out.calibration_ = TRY(Calibration::load(in));
  const std::uint64_t columns = in.varint();
  const std::size_t classes = out.labels_.size();
  const std::size_t each = sizeof(std::uint64_t) + sizeof(float) + 1 + sizeof(float) * classes;
  const bool fits = columns <= in.left() / each && in.left() == columns * each + sizeof(float) * classes;
  if (!in.ok() || !fits || classes < 2 || out.calibration_.classes() != classes) return damaged();
  std::string_view rest = bytes.substr(bytes.size() - in.left());
  const auto take = [&](auto& list, std::size_t size) {
    list.resize(size);
    const char* const from = rest.data();
    std::memcpy(list.data(), from, size * sizeof(list[0]));
    rest.remove_prefix(size * sizeof(list[0]));
  };
  std::vector<std::uint64_t> hashes;
  take(hashes, columns);
  take(out.rarity_, columns);
  take(out.block_, columns);
  out.weights_ = Weights(columns, classes);
  take(out.weights_.is, (columns + 1) * classes);
  out.column_.reserve(columns);
  for (std::uint32_t column = 0; column < columns; ++column) out.column_[hashes[column]] = column;
  if (out.column_.size() != columns || std::ranges::any_of(out.block_, [](std::uint8_t b) { return b >= kBlocks; })) {
    return damaged();
  }
  return out;
}

}  // namespace cityloop::text
