#include "app/text_commands.h"

#include <CLI/CLI.hpp>

#include "app/classify_command.h"
#include "app/topics_command.h"

namespace cityloop::app {
namespace {

using Action = std::function<base::Status()>;

std::string command_line_of(const ClassifyTrainOptions& options) {
  std::string out = "cityloop classify train";
  for (const std::string& column : options.text_columns) out += " --text " + column;
  out += " --label " + options.label_column;
  for (const std::string& file : options.files) out += " " + file;
  return out + " --out " + options.out;
}

// How it learns; what it does without these is what did best on the hotline's texts (doc/casework.md).
void add_how(CLI::App& command, text::TrainOptions& how) {
  const auto number = [&](const char* name, auto& value, const char* help, double least, double most) {
    command.add_option(name, value, help)->capture_default_str()->check(CLI::Range(least, most))->group("How");
  };
  number("--threads", how.threads, "the outcome is the same", 1, 256);
  number("--parts", how.folds, "of cross-validation", 2, 100);
  command.add_flag("!--random-parts", how.keep_together, "near duplicates may lie in different parts")->group("How");
  number("--words", how.features.words_max, "pieces of so many words in a row", 1, 5);
  number("--letters", how.features.letters_max, "rows of so many letters; 0: none", 0, 6);
  number("--letters-share", how.features.letters_share, "their share, the words have the rest", 0, 1);
  number("--half-at", how.features.half_at, "the word behind so many counts half of the first", 0.1, 1e9);
  number("--rarity", how.features.rarity_power, "power of what is rare", 0, 4);
  number("--texts-least", how.features.documents_min, "pieces of fewer texts are not learned", 1, 1000);
  number("--cost", how.linear.cost, "of an error", 0.001, 1000);
  number("--bayes", how.bayes_share, "share of the machine scaled by naive Bayes", 0, 1);
  number("--bayes-cost", how.bayes_cost, "of an error there", 0.001, 1000);
  number("--bayes-smooth", how.bayes_smooth, "added to every count", 1e-6, 100);
  command.add_option("--seed", how.linear.seed, "of the order and the parts")->group("How");
}

void add_train(CLI::App& classify_app, Action& action) {
  CLI::App& command = *classify_app.add_subcommand("train", "learn from past cases and write a classifier's file");
  const auto options = std::make_shared<ClassifyTrainOptions>();
  command.add_option("--text", options->text_columns, "column with the text; may be given again: they are joined")
      ->allow_extra_args(false);
  command.add_option("--label", options->label_column, "column with what is to be learned")->capture_default_str();
  command.add_option("--out", options->out, "the file to write")->required();
  add_how(command, options->how);
  command.add_flag("--quiet", options->quiet, "no report of cross-validation");
  command.add_option("FILE", options->files, "tables (CSV, may be gzip), or a folder of them")->required();
  command.callback([&action, options] {
    options->command = command_line_of(*options);
    action = [options] { return classify_train(*options); };
  });
}

void add_classify(CLI::App& app, Action& action) {
  CLI::App& command = *app.add_subcommand("classify", "which department a text belongs to, and how sure that is");
  const auto options = std::make_shared<ClassifyOptions>();
  command.add_option("--model", options->model, "what `classify train` wrote");
  command.add_option("--train-on", options->train_on, "learn first, from this table or folder; may be given again")
      ->allow_extra_args(false);
  command.add_option("--train-label", options->train_label, "their column with the label")->capture_default_str();
  command.add_option("--text", options->text_columns, "column with the text; may be given again: they are joined")
      ->allow_extra_args(false);
  command.add_option("--label", options->label_column, "column with what is right: prints how well it was met");
  command.add_option("--confidence", options->confidence_least, "below it no label: a person decides")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--out", options->out, "CSV to write; standard output without it");
  command.add_option("--threads", options->threads, "for learning; the outcome is the same")->check(CLI::Range(1, 256));
  command.add_option("FILE", options->file, "a table: CSV, may be gzip, UTF-8 or GB18030");
  add_train(command, action);
  command.callback([&command, &action, options] {
    if (!command.get_subcommands().empty()) return;
    if (options->file.empty()) throw CLI::RequiredError("FILE");
    action = [options] { return classify(*options); };
  });
}

void add_topics(CLI::App& app, Action& action) {
  CLI::App& command = *app.add_subcommand("topics", "what many people write about, with their texts");
  const auto options = std::make_shared<TopicsOptions>();
  command.add_option("--most", options->most, "topics to print")->capture_default_str();
  command.add_option("--texts", options->texts, "texts to print of each")->capture_default_str();
  command.add_option("--zone", options->time_zone, "of the times in the table")->capture_default_str();
  command.add_flag("--csv", options->csv, "one line a message");
  command.add_option("FILE", options->file, "a table: CSV, may be gzip, UTF-8 or GB18030")->required();
  command.callback([&action, options] { action = [options] { return topics(*options); }; });
}

}  // namespace

void add_text_commands(CLI::App& app, Action& action) {
  add_classify(app, action);
  add_topics(app, action);
}

}  // namespace cityloop::app
