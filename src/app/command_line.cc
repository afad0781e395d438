#include "app/command_line.h"

#include <cstdio>

#include <CLI/CLI.hpp>

#include "app/ballot_commands.h"
#include "app/commands.h"
#include "app/index_commands.h"
#include "app/route_command.h"
#include "app/text_commands.h"
#include "serve/package.h"
#include "twin/context/context.h"

namespace cityloop::app {
namespace {

using Action = std::function<base::Status()>;

void add_paths(CLI::App& command, CityPaths& paths, bool data_needed) {
  command.add_option("--city", paths.city, "folder with city.toml, feeds/, rules/, casework/, devices/")->required();
  command.add_option("--source", paths.source, "folder with the recorded data that the feeds name");
  auto* data = command.add_option("--data", paths.data, "folder for this installation's own data");
  if (data_needed) data->required();
}

void add_serve(CLI::App& app, ServeOptions& options, Action& action) {
  CLI::App& command = *app.add_subcommand("serve", "run a city: feeds, rules, cases, commands, console");
  add_paths(command, options.paths, true);
  command.add_option("--listen", options.listen, "ADDRESS:PORT")->capture_default_str();
  command.add_option("--web", options.web, "folder of the built console")->capture_default_str();
  command.add_option("--tls-certificate", options.tls_certificate, "PEM file; needed beyond loopback");
  command.add_option("--tls-key", options.tls_key, "PEM file");
  command.add_option("--mqtt", options.mqtt, "HOST:PORT of the broker");
  command.add_option("--speed", options.speed, "of recorded data: 1 to 10000, 0 as fast as it goes");
  command.add_option("--pace", options.pace, "seconds of a simulated city that pass in one of ours")
      ->check(CLI::Range(1.0, 60.0));
  command.add_option("--pace-since", options.pace_since, "moment from which on; needed with --pace");
  command.add_option("--clock-begins", options.clock_begins,
                     "a rehearsal: the city's time when it starts, never before what its log has; only on loopback");
  command
      .add_option("--durability", options.durability, "flushed: acknowledged means on disk; interval: within 200 ms")
      ->check(CLI::IsMember({"flushed", "interval"}))
      ->capture_default_str();
  command.add_option("--http-threads", options.http_threads, "threads that answer HTTP")->check(CLI::Range(1, 64));
  command.add_flag("--demo", options.demo, "make the demo's users; only on loopback");
  command.callback([&] { action = [&] { return serve(options); }; });
}

// How much of the log is kept; without any of these all of it.
void add_keep_log(CLI::App& command, twin::LogRetention& keep) {
  constexpr double kGigabyte = 1u << 30;
  const auto bytes = [](std::optional<std::uint64_t>& out) {
    return [&out](double gigabytes) { out = std::uint64_t(gigabytes * kGigabyte); };
  };
  command
      .add_option_function<double>(
          "--keep-log-days", [&keep](double days) { keep.keep_for = base::Duration(std::int64_t(days * 86400e6)); },
          "the log is kept at least so long, and may go then")
      ->check(CLI::PositiveNumber);
  command.add_option_function<double>("--keep-log-gb", bytes(keep.keep_bytes), "and at least so much of it")
      ->check(CLI::PositiveNumber);
  command
      .add_option_function<double>("--max-log-gb", bytes(keep.bytes_max),
                                   "never more, even where a subscriber has not been told of it yet")
      ->check(CLI::PositiveNumber);
}

// How long histories are kept; without any of these for ever.
void add_keep_history(CLI::App& command, twin::HistoryRetention& keep) {
  const auto days = [](double number) { return base::Duration(std::int64_t(number * 86400e6)); };
  command
      .add_option_function<double>(
          "--keep-history-days", [&keep, days](double number) { keep.otherwise = days(number); },
          "what happened earlier is forgotten")
      ->check(CLI::PositiveNumber);
  command
      .add_option_function<std::vector<std::pair<std::string, double>>>(
          "--keep-history-of",
          [&keep, days](const std::vector<std::pair<std::string, double>>& types) {
            for (const auto& [type, number] : types) keep.types[twin::Context::canonical_of(type)] = days(number);
          },
          "TYPE DAYS: the same for entities of one type; may be given again")
      ->type_name("TYPE DAYS");
}

void add_broker(CLI::App& app, BrokerCommandOptions& options, Action& action) {
  CLI::App& command = *app.add_subcommand("broker", "an NGSI-LD context broker alone, open to whoever reaches it");
  command.add_option("--data", options.data, "folder for what it keeps")->capture_default_str();
  command.add_option("--address", options.address, "where to listen")->capture_default_str();
  command.add_option("--port", options.port, "0: a free one")->capture_default_str();
  command
      .add_option("--durability", options.durability, "flushed: acknowledged means on disk; interval: within 200 ms")
      ->check(CLI::IsMember({"flushed", "interval"}))
      ->capture_default_str();
  command.add_option("--alias", options.alias, "its name among brokers that ask each other")->capture_default_str();
  command.add_option("--http-threads", options.http_threads, "threads that answer HTTP")->check(CLI::Range(1, 64));
  add_keep_log(command, options.keep_log);
  add_keep_history(command, options.keep_history);
  command.add_flag("--open", options.open, "listen beyond this machine, although nobody is asked who they are");
  command.callback([&] { action = [&] { return broker(options); }; });
}

void add_replay(CLI::App& app, ReplayOptions& options, Action& action) {
  CLI::App& command = *app.add_subcommand("replay", "recorded data at full speed through the whole loop, then stop");
  add_paths(command, options.paths, true);
  command.add_option("--durability", options.durability)->check(CLI::IsMember({"flushed", "interval"}));
  command.add_option("--findings", options.findings_file, "file to write all findings to, one JSON a line");
  command.callback([&] { action = [&] { return replay(options); }; });
}

void add_rules(CLI::App& app, RulesOptions& options, Action& action) {
  CLI::App& rules = *app.add_subcommand("rules", "check rules, or test them on recorded data");
  rules.require_subcommand(1);
  CLI::App& check = *rules.add_subcommand("check", "every mistake with its file, line and reason");
  check.add_option("FILE", options.rules, "a file or a folder")->required();
  check.callback([&] { action = [&] { return check_rules(options); }; });
  CLI::App& test = *rules.add_subcommand("test", "what would have fired, when and why; nothing is written");
  test.add_option("FILE", options.rules, "a file or a folder")->required();
  test.add_option("--feed", options.paths.source, "folder with the recorded data")->required();
  test.add_option("--city", options.paths.city,
                  "folder with city.toml and feeds/; by default the one the rules are in");
  test.add_flag("--json", options.json, "findings as JSON, one a line");
  test.callback([&] { action = [&] { return test_rules(options); }; });
}

void add_route(CLI::App& app, RouteOptions& options, Action& action) {
  CLI::App& command = *app.add_subcommand("route", "plan a published vehicle routing problem with time windows");
  command.add_option("FILE", options.file, "VRPLIB (.vrp) or Solomon's form, also compressed by gzip")->required();
  command.add_option("--seconds", options.seconds, "until the plan is there")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  command.add_option("--iterations", options.iterations, "end sooner, after so many steps");
  command.add_option("--seed", options.seed)->capture_default_str();
  command.add_option("--threads", options.threads, "0: as many as the machine has")->check(CLI::Range(0, 64));
  command
      .add_option(
          "--objective", options.aim,
          "distance: the least way; vehicles: the fewest vehicles, then the least way. By default as the best known "
          "solutions of the form are counted: .vrp distance, Solomon's tables vehicles")
      ->check(CLI::IsMember({"distance", "vehicles"}));
  command
      .add_option(
          "--lines", options.lines,
          "how straight lines are counted while planning: exact, or cut to tenths. By default as the best known "
          "solutions of the form are counted: .vrp tenths, Solomon's tables exact")
      ->check(CLI::IsMember({"exact", "tenths"}));
  command.add_option("--compare", options.compare, "a .sol file with the best known routes");
  command.add_option("--save", options.save, "a .sol file for the routes; without it they are printed");
  command.add_flag("--processor-time", options.processor_time, "seconds of work, not by the wall");
  command.add_flag("--json", options.json, "the comparison as one line of JSON, without the routes");
  command.add_flag("--quiet", options.quiet, "no progress on standard error");
  command.callback([&] { action = [&] { return route(options); }; });
}

void add_feed(CLI::App& app, FeedCheckOptions& options, Action& action) {
  CLI::App& feed = *app.add_subcommand("feed", "look at a feed's mapping");
  feed.require_subcommand(1);
  CLI::App& check = *feed.add_subcommand("check", "map the first rows and show what comes of them; nothing is written");
  check.add_option("FILE", options.file, "a mapping file")->required();
  check.add_option("--data", options.source, "folder with the recorded data");
  check.add_option("--rows", options.rows, "how many rows to show")->capture_default_str();
  check.callback([&] { action = [&] { return check_feed(options); }; });
}

void add_duty(CLI::App& app, DutyCheckOptions& options, Action& action) {
  CLI::App& duty = *app.add_subcommand("duty", "who is responsible, and who is on duty");
  duty.require_subcommand(1);
  CLI::App& check = *duty.add_subcommand("check", "gaps and overlaps of responsibility, and of the coming rosters");
  check.add_option("CITY", options.city, "folder with city.toml, casework/, duty/")->required();
  check.add_option("--days", options.days, "so far the rosters are looked at")
      ->check(CLI::Range(1, 366))
      ->capture_default_str();
  check.callback([&] { action = [&] { return check_duty(options); }; });
}

void add_accounts(CLI::App& app, AccountOptions& options, Action& action) {
  CLI::App& account = *app.add_subcommand("account", "people, programs and devices that may ask");
  account.require_subcommand(1);
  account.add_option("--data", options.data, "the installation's data folder")->required();
  const auto add = [&](const char* name, const char* help,
                       base::Status (*function)(const AccountOptions&)) -> CLI::App& {
    CLI::App& command = *account.add_subcommand(name, help);
    command.callback([&action, &options, function] { action = [&options, function] { return function(options); }; });
    return command;
  };
  const auto describe = [&](CLI::App& command) {
    command.add_option("ID", options.id, "user:li.wei, program:noise-import or device:pump-3")->required();
    command.add_option("--name-zh", options.name_zh, "name in Chinese");
    command.add_option("--name-en", options.name_en, "name in English");
    command.add_option("--role", options.roles,
                       "operator dispatcher worker supervisor integrator data_officer planner admin viewer");
    command.add_option("--department", options.department);
    command.add_option("--area", options.areas, "only these areas; without it the whole city");
  };
  describe(add("add", "a person; the password is read from standard input", add_user));
  describe(add("token", "a program or device; prints its token, once", add_token));
  add("disable", "nobody signs in as this one any more", disable_account).add_option("ID", options.id)->required();
  add("list", "all accounts", list_accounts);
}

void add_backup(CLI::App& app, BackupOptions& options, Action& action) {
  CLI::App& backup = *app.add_subcommand("backup", "copy a data folder, also while a server runs in it");
  backup.add_option("--data", options.data, "the installation's data folder")->required();
  backup.add_option("--to", options.folder, "a new folder")->required();
  backup.callback([&] { action = [&] { return back_up(options); }; });
  CLI::App& restore_it = *app.add_subcommand("restore", "make a data folder of a copy");
  restore_it.add_option("--from", options.folder, "what backup wrote")->required();
  restore_it.add_option("--data", options.data, "a new folder")->required();
  restore_it.callback([&] { action = [&] { return restore(options); }; });
  CLI::App& check = *app.add_subcommand("check", "read everything in a data folder and name what is damaged");
  check.add_option("--data", options.data, "the installation's data folder")->required();
  check.callback([&] { action = [&] { return check_data(options); }; });
}

// cityloop NAME VERB WORD…, or cityloop VERB WORD…: what follows the verb is the package's own.
void add_package_commands(CLI::App& app, const serve::PackageLoader& packages, Action& action) {
  std::map<std::string, CLI::App*> families;
  for (const serve::PackageCommand& one : packages.commands()) {
    CLI::App*& family = families[one.package];
    if (!family && one.package.empty()) family = &app;
    if (!family) family = app.add_subcommand(one.package, fmt::format("commands of the package '{}'", one.package));
    family->require_subcommand(1);
    CLI::App* command = family->add_subcommand(one.verb, one.help);
    command->prefix_command();
    command->callback([command, &one, &action] { action = [command, &one] { return one.run(command->remaining()); }; });
  }
}

}  // namespace

int run(int argc, char** argv, const serve::PackageLoader& packages) {
  CLI::App app{"Cityloop: the operating loop of a city"};
  app.require_subcommand(1);
  ServeOptions serve_options;
  BrokerCommandOptions broker_options;
  ReplayOptions replay_options;
  RulesOptions rules_options;
  RouteOptions route_options;
  FeedCheckOptions feed_options;
  DutyCheckOptions duty_options;
  AccountOptions account_options;
  BackupOptions backup_options;
  Action action;
  add_serve(app, serve_options, action);
  add_broker(app, broker_options, action);
  add_replay(app, replay_options, action);
  add_rules(app, rules_options, action);
  add_route(app, route_options, action);
  add_feed(app, feed_options, action);
  add_duty(app, duty_options, action);
  add_accounts(app, account_options, action);
  add_backup(app, backup_options, action);
  add_text_commands(app, action);
  add_ballot_commands(app, action);
  add_index_commands(app, action);
  add_package_commands(app, packages, action);
  serve_options.packages = replay_options.packages = &packages;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (const base::Status done = action(); !done) {
    fmt::print(stderr, "cityloop: {}\n", done.error().message);
    return done.error().code == base::Errc::corrupt ? 3 : 1;
  }
  return 0;
}

}  // namespace cityloop::app
