#include "app/classify_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>

#include "app/text_table.h"
#include "base/file.h"
#include "text/report.h"
#include "text/trainer.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::Result;
using base::Status;

constexpr std::size_t kBadRowsShown = 10;

void tell_bad_rows(const std::string& path, const TextTable& table) {
  const auto& bad = table.bad_rows();
  if (bad.empty()) return;
  fmt::print(stderr, "{}: {} rows could not be read\n", path, bad.size());
  for (std::size_t i = 0; i < std::min(bad.size(), kBadRowsShown); ++i) {
    fmt::print(stderr, "  line {}: {}\n", bad[i].line, bad[i].why);
  }
}

// Past cases, and of which table each is.
struct PastCases {
  std::vector<text::Example> examples;
  std::vector<std::pair<std::string, std::size_t>> tables;  // with the number of the first example after its own
};

Result<PastCases> read_examples(const std::vector<std::string>& paths, const std::vector<std::string>& text_columns,
                                const std::string& label_column) {
  PastCases out;
  for (const std::string& path : TRY(training_tables(paths, label_column))) {
    const TextTable table = TRY(TextTable::read(path));
    tell_bad_rows(path, table);
    const auto columns = TRY(table.text_columns(text_columns));
    const std::size_t label = TRY(table.column(label_column));
    std::size_t blank = 0;
    for (const TextTable::Row& row : table.rows()) {
      if (row.fields[label].empty()) ++blank;
      else out.examples.push_back({joined_text(row, columns), row.fields[label]});
    }
    fmt::print(stderr, "{}: {} texts with a label, {} without\n", path, table.rows().size() - blank, blank);
    out.tables.emplace_back(path, out.examples.size());
  }
  return out;
}

void print_share(std::FILE* to, std::string_view what, const text::HeldOut& held,
                 const std::function<bool(std::size_t)>& counts) {
  std::size_t texts = 0, right = 0;
  for (std::size_t i = 0; i < held.truth.size(); ++i) {
    if (!counts(i)) continue;
    ++texts;
    if (held.verdicts[i].label() == held.truth[i]) ++right;
  }
  fmt::print(to, "{}: texts {}, accuracy {:.4f}\n", what, texts, texts == 0 ? 0 : double(right) / double(texts));
}

void print_held_out(const text::Trained& trained, const PastCases& past, std::FILE* to) {
  const auto& labels = trained.classifier.labels();
  const text::HeldOut& held = trained.held_out;
  fmt::print(to, "cross-validation:\n{}\n",
             text::to_text(text::Report::of(held.verdicts, held.truth, labels.size()), labels));
  std::size_t from = 0;
  for (const auto& [path, until] : past.tables) {
    print_share(to, path, held, [from, end = until](std::size_t i) { return i >= from && i < end; });
    from = until;
  }
  print_share(to, "without texts that have a near duplicate", held,
              [&](std::size_t i) { return !held.has_near_duplicate[i]; });
}

Result<text::Classifier> classifier_for(const ClassifyOptions& options) {
  if (options.model.empty() == options.train_on.empty()) {
    return base::fail(Errc::invalid, "classify needs --model FILE or --train-on FILES, one of them");
  }
  if (!options.model.empty()) {
    auto out = text::Classifier::from_bytes(TRY(base::read_file(options.model)));
    if (!out) return base::fail(out.error().code, "{}: {}", options.model, out.error().message);
    return out;
  }
  // The texts to be judged may stand in other columns than those to be learned from.
  const PastCases past = TRY(read_examples(options.train_on, {}, options.train_label));
  text::TrainOptions how;
  how.threads = options.threads;
  return TRY(text::Trainer::train(past.examples, how)).classifier;
}

// What stands in a line of the outcome, for a row that could be read or could not.
struct Line {
  std::uint64_t line{};
  std::string id;
  std::string text;
};

std::string reasons_text(const std::vector<text::Reason>& reasons) {
  std::string out;
  for (const text::Reason& reason : reasons) out += fmt::format("{}{}", out.empty() ? "" : " ", reason.word);
  return out;
}

std::string line_of(const text::Classifier& classifier, const text::Verdict& verdict, double least) {
  const auto& labels = classifier.labels();
  const auto& second = verdict.choices[1];
  const bool sure = verdict.confidence() >= least;
  return fmt::format("{},{:.4f},{},{:.4f},{},{}", sure ? csv_field(labels[verdict.label()]) : "", verdict.confidence(),
                     csv_field(labels[second.label]), second.confidence, csv_field(reasons_text(verdict.reasons)),
                     sure ? "" : csv_field(fmt::format("not sure enough: {}", labels[verdict.label()])));
}

Status write_out(const std::string& path, std::vector<Line> lines) {
  std::ranges::stable_sort(lines, {}, &Line::line);
  std::string out = "line,id,label,confidence,second,second_confidence,reasons,note\n";
  for (const Line& line : lines) out += fmt::format("{},{},{}\n", line.line, csv_field(line.id), line.text);
  if (!path.empty()) return base::write_file_atomic(path, out);
  fmt::print("{}", out);
  return {};
}

// Labels that the table has and the classifier does not are labels too: nothing said of their texts is right.
struct Truth {
  std::vector<std::string> labels;
  std::vector<std::uint16_t> of_row;
  std::vector<text::Verdict> verdicts;

  void add(const std::string& label, const text::Verdict& verdict) {
    auto found = std::ranges::find(labels, label);
    if (found == labels.end()) found = labels.insert(labels.end(), label);
    of_row.push_back(std::uint16_t(found - labels.begin()));
    verdicts.push_back(verdict);
  }
};

}  // namespace

Result<std::vector<std::string>> training_tables(const std::vector<std::string>& paths,
                                                 const std::string& label_column) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      out.push_back(path);
      continue;
    }
    std::vector<std::string> here;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const std::string name = entry.path().string();
      if (!name.ends_with(".csv") && !name.ends_with(".csv.gz")) continue;
      if (const auto table = TextTable::read(name); table && table->column(label_column)) here.push_back(name);
    }
    std::ranges::sort(here);
    if (here.empty()) {
      return base::fail(Errc::not_found, "{}: no table there has a column '{}'", path, label_column);
    }
    out.insert(out.end(), here.begin(), here.end());
  }
  return out;
}

Status classify_train(const ClassifyTrainOptions& options) {
  const PastCases past = TRY(read_examples(options.files, options.text_columns, options.label_column));
  text::TrainOptions how = options.how;
  how.command = options.command;
  const text::Trained trained = TRY(text::Trainer::train(past.examples, how));
  const std::string bytes = trained.classifier.to_bytes();
  TRY(base::write_file_atomic(options.out, bytes));
  fmt::print("{}: {} texts, {} labels, {} features, {:.1f} MB, data {}\n", options.out, past.examples.size(),
             trained.classifier.labels().size(), trained.classifier.features(), double(bytes.size()) / 1e6,
             trained.classifier.origin().data);
  if (!options.quiet) print_held_out(trained, past, stdout);
  return {};
}

Status classify(const ClassifyOptions& options) {
  const TextTable table = TRY(TextTable::read(options.file));
  const auto columns = TRY(table.text_columns(options.text_columns));
  const auto id = table.column("id");
  std::optional<std::size_t> label;
  if (!options.label_column.empty()) label = TRY(table.column(options.label_column));
  const text::Classifier classifier = TRY(classifier_for(options));
  std::vector<Line> lines;
  Truth truth{classifier.labels(), {}, {}};
  for (const TextTable::Row& row : table.rows()) {
    const text::Verdict verdict = classifier.classify(joined_text(row, columns));
    lines.push_back({row.line, id ? row.fields[*id] : "", line_of(classifier, verdict, options.confidence_least)});
    if (label) truth.add(row.fields[*label], verdict);
  }
  for (const TextTable::BadRow& bad : table.bad_rows()) {
    lines.push_back({bad.line, "", ",,,,," + csv_field("not read: " + bad.why)});
  }
  tell_bad_rows(options.file, table);
  TRY(write_out(options.out, std::move(lines)));
  if (label) {
    fmt::print(options.out.empty() ? stderr : stdout, "{}",
               text::to_text(text::Report::of(truth.verdicts, truth.of_row, truth.labels.size()), truth.labels));
  }
  return {};
}

}  // namespace cityloop::app
