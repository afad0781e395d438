#include "text/trainer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>

#include "base/rng.h"
#include "text/likeness.h"
#include "text/normal.h"

namespace cityloop::text {
namespace {

constexpr std::size_t kAlikeMost = 20;  // near duplicates looked for of one text

// f(0) … f(n - 1), on so many threads; which thread does what makes no difference to the outcome.
void side_by_side(std::size_t n, unsigned threads, const std::function<void(std::size_t)>& f) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < n; i = next++) f(i);
  };
  std::vector<std::jthread> helpers;
  for (unsigned t = 1; t < std::min<std::size_t>(threads, n); ++t) helpers.emplace_back(work);
  work();
}

// Sets that grow together, none beyond a bound.
class Unions {
 public:
  Unions(std::size_t n, std::size_t size_max) : parent_(n), size_(n, 1), size_max_(size_max) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = find(a);
    b = find(b);
    if (a == b || size_[a] + size_[b] > size_max_) return;
    parent_[std::max(a, b)] = std::min(a, b);
    size_[std::min(a, b)] = size_[a] + size_[b];
  }

 private:
  std::vector<std::size_t> parent_, size_;
  const std::size_t size_max_;
};

std::string digest_of(const std::vector<Example>& examples) {
  std::uint64_t a = 1, b = 2;
  for (const Example& example : examples) {
    a = hash64(example.label, hash64(example.text, a));
    b = hash64(example.text, hash64(example.label, b));
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

}  // namespace

// One training, from examples to weights.
struct Trainer::Work {
  const std::vector<Example>& examples;
  const TrainOptions& options;
  Classifier out;
  std::vector<std::uint16_t> labels;
  std::vector<std::string> normal;   // in normal form
  std::vector<std::string> content;  // their content words, so that raw and segmented texts compare
  std::vector<std::vector<Piece>> pieces;
  std::vector<std::size_t> group;  // near duplicates have the same
  std::vector<bool> has_near_duplicate;
  SparseRows rows;

  base::Status number_labels();
  void read_texts();
  void count_pieces();
  void make_rows();
  void find_duplicates();
  std::vector<std::uint8_t> parts() const;
  Weights learn(const std::vector<std::uint32_t>& use) const;
  HeldOut cross_validate();
};

base::Status Trainer::Work::number_labels() {
  std::map<std::string, std::size_t> counts;
  for (const Example& example : examples) ++counts[example.label];
  if (counts.size() < 2) return base::fail(base::Errc::invalid, "there must be texts of two labels at least");
  if (counts.size() > UINT16_MAX) return base::fail(base::Errc::invalid, "{} labels are too many", counts.size());
  std::map<std::string_view, std::uint16_t> number;
  for (const auto& [label, count] : counts) {
    if (count < 2) return base::fail(base::Errc::invalid, "the label '{}' has one text only", label);
    number[label] = std::uint16_t(out.labels_.size());
    out.labels_.push_back(label);
  }
  for (const Example& example : examples) labels.push_back(number[example.label]);
  return {};
}

void Trainer::Work::read_texts() {
  normal.resize(examples.size());
  pieces.resize(examples.size());
  side_by_side(examples.size(), options.threads, [&](std::size_t i) { normal[i] = normal_form(examples[i].text); });
  out.segmenter_ = Segmenter::learn(normal);
  out.options_ = options.features;
  content.resize(examples.size());
  side_by_side(examples.size(), options.threads, [&](std::size_t i) {
    const std::vector<Word> words = content_words(normal[i], out.segmenter_);
    pieces[i] = pieces_of(words, options.features);
    for (const Word& word : words) (content[i] += word.text) += word.han ? "" : " ";
  });
}

// Columns for the pieces that enough texts have, in the order of their hashes.
void Trainer::Work::count_pieces() {
  struct Seen {
    std::uint32_t texts{}, last{UINT32_MAX};
    Block block{};
  };
  std::unordered_map<std::uint64_t, Seen> seen;
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    for (const Piece& piece : pieces[i]) {
      Seen& one = seen[piece.hash];
      if (one.last != i) ++one.texts;
      one.last = i;
      one.block = piece.block;
    }
  }
  std::vector<std::uint64_t> kept;
  for (const auto& [hash, one] : seen) {
    if (one.texts >= options.features.documents_min) kept.push_back(hash);
  }
  std::ranges::sort(kept);
  out.column_.reserve(kept.size());
  for (const std::uint64_t hash : kept) {
    const Seen& one = seen[hash];
    out.column_[hash] = std::uint32_t(out.rarity_.size());
    const double rarity = 1 + std::log((1.0 + double(pieces.size())) / (1.0 + one.texts));
    out.rarity_.push_back(float(std::pow(rarity, options.features.rarity_power)));
    out.block_.push_back(std::uint8_t(one.block));
  }
}

void Trainer::Work::make_rows() {
  rows.columns = out.rarity_.size();
  for (std::vector<Piece>& of_text : pieces) {
    const Classifier::Vector vector = out.vector_of(of_text);
    rows.column.insert(rows.column.end(), vector.column.begin(), vector.column.end());
    rows.value.insert(rows.value.end(), vector.value.begin(), vector.value.end());
    rows.end_row();
    of_text = {};
  }
}

void Trainer::Work::find_duplicates() {
  LikenessIndex index;
  for (std::size_t i = 0; i < content.size(); ++i) index.add(i, content[i]);
  std::vector<std::vector<Alike>> alike(content.size());
  side_by_side(content.size(), options.threads,
               [&](std::size_t i) { alike[i] = index.nearest_to(i, options.duplicate, kAlikeMost); });
  // A chain from one to the next is no reason to keep half of the texts together.
  Unions unions(content.size(), std::max<std::size_t>(2, content.size() / (std::size_t{4} * options.folds)));
  for (std::size_t i = 0; i < alike.size(); ++i) {
    has_near_duplicate.push_back(!alike[i].empty());
    if (!options.keep_together) continue;
    for (const Alike& other : alike[i]) unions.join(i, other.id);
  }
  for (std::size_t i = 0; i < alike.size(); ++i) group.push_back(unions.find(i));
}

// Which part each example is of: groups as a whole, the labels spread evenly, in an order that the seed gives.
std::vector<std::uint8_t> Trainer::Work::parts() const {
  std::vector<std::size_t> heads;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i] == i) heads.push_back(i);
  }
  base::Rng rng(options.linear.seed);
  for (std::size_t i = heads.size(); i > 1; --i) std::swap(heads[i - 1], heads[rng.below(i)]);
  std::ranges::stable_sort(heads, {}, [&](std::size_t i) { return labels[i]; });
  std::vector<std::uint8_t> of_head(group.size()), out_parts(group.size());
  for (std::size_t i = 0; i < heads.size(); ++i) of_head[heads[i]] = std::uint8_t(i % options.folds);
  for (std::size_t i = 0; i < group.size(); ++i) out_parts[i] = of_head[group[i]];
  return out_parts;
}

Weights Trainer::Work::learn(const std::vector<std::uint32_t>& use) const {
  const std::size_t classes = out.labels_.size();
  Weights sum(rows.columns, classes);
  const auto add = [&](const Weights& more, double share) {
    for (std::size_t i = 0; i < sum.is.size(); ++i) sum.is[i] += float(share) * more.is[i];
  };
  if (options.bayes_share < 1) {
    add(train_linear(rows, labels, classes, use, options.linear), 1 - options.bayes_share);
  }
  if (options.bayes_share > 0) {
    const Weights scale = bayes_scale(rows, labels, classes, use, options.bayes_smooth);
    LinearOptions linear = options.linear;
    linear.cost = options.bayes_cost;
    add(train_linear(rows, labels, classes, use, linear, &scale), options.bayes_share);
  }
  return sum;
}

HeldOut Trainer::Work::cross_validate() {
  const std::size_t classes = out.labels_.size(), n = examples.size();
  const std::vector<std::uint8_t> part = parts();
  std::vector<double> scores(n * classes);
  side_by_side(options.folds, options.threads, [&](std::size_t fold) {
    std::vector<std::uint32_t> use;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (part[i] != fold) use.push_back(i);
    }
    const Weights weights = learn(use);
    for (std::size_t i = 0; i < n; ++i) {
      if (part[i] != fold) continue;
      const std::size_t from = rows.begin[i], size = rows.begin[i + 1] - from;
      score_row(weights, std::span(rows.column).subspan(from, size), std::span(rows.value).subspan(from, size),
                std::span(scores).subspan(i * classes, classes));
    }
  });
  out.calibration_ = Calibration::fit(scores, labels, classes);
  out.origin_.loss = out.calibration_.loss(scores, labels);
  HeldOut held;
  held.truth = labels;
  held.has_near_duplicate = has_near_duplicate;
  std::size_t right = 0;
  for (std::size_t i = 0; i < n; ++i) {
    held.verdicts.push_back(ranked(out.calibration_, std::span(scores).subspan(i * classes, classes)));
    if (held.verdicts.back().label() == labels[i]) ++right;
  }
  out.origin_.accuracy = double(right) / double(n);
  return held;
}

base::Result<Trained> Trainer::train(const std::vector<Example>& examples, const TrainOptions& options) {
  if (options.folds < 2 || options.folds > 100) {
    return base::fail(base::Errc::invalid, "cross-validation needs 2 to 100 parts");
  }
  Work work{examples, options, {}, {}, {}, {}, {}, {}, {}, {}};
  TRY(work.number_labels());
  work.read_texts();
  work.find_duplicates();
  work.normal = {};
  work.content = {};
  work.count_pieces();
  work.make_rows();
  HeldOut held = work.cross_validate();
  std::vector<std::uint32_t> all(examples.size());
  std::iota(all.begin(), all.end(), 0U);
  work.out.weights_ = work.learn(all);
  work.out.origin_.command = options.command;
  work.out.origin_.data = digest_of(examples);
  work.out.origin_.texts = examples.size();
  return Trained{std::move(work.out), std::move(held)};
}

}  // namespace cityloop::text
