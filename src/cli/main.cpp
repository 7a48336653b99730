// The command line. Errors become words and an exit code here, and nowhere else.
#include "base/suggest.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/say.hpp"
#include "tapedeck/store/schema.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr const char* kVersion = "0.1.0";  // as in CMakeLists.txt; tests/cli compares them

int exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::store_busy: return kExitStoreBusy;
    case ErrorCode::invalid_argument:
    case ErrorCode::config: return kExitUsage;
    case ErrorCode::cancelled: return kExitInterrupted;
    default: return kExitFailure;
  }
}

int print_version() {
  StoreOptions in_memory;
  in_memory.mode = OpenMode::create;
  const StoreStats stats = Store{":memory:", in_memory}.stats();
  fmt::print("tapedeck {}, schema {}, DuckDB {}\n", kVersion, newest_schema_version(),
             stats.duckdb_version);
  return kExitOk;
}

int print_next_step() {
  const std::filesystem::path path = store_path({});
  fmt::print("tapedeck keeps, checks and queries market data: every trade, exact and complete\n");
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    fmt::print("next: tapedeck instruments, then: tapedeck klines INSTRUMENT --interval 1m\n");
  } else {
    fmt::print("next: tapedeck import PATH...  loads an exchange's archives into {}\n",
               path.string());
  }
  fmt::print("all commands: tapedeck --help\n");
  return kExitOk;
}

struct Parser {
  CLI::App app{"Keeps, checks and queries market data."};
  bool version = false;
  std::vector<std::unique_ptr<Command>> commands;  // in the order of tapedeck::commands()
  std::vector<CLI::App*> apps;

  Parser() {
    app.name("tapedeck");
    app.add_flag("--version", version, "product, schema and DuckDB version");
    app.require_subcommand(0, 1);
    app.footer(
        "\ntapedeck COMMAND --help shows its options and an example.\n"
        "Exit codes: 0 ok, 1 failure, 2 usage, 3 verify found differences, 4 store in use, 130 "
        "Ctrl-C.");
    for (const CommandEntry& entry : tapedeck::commands()) {
      CLI::App* const sub =
          app.add_subcommand(std::string{entry.name}, std::string{entry.synopsis});
      sub->footer(fmt::format("\nExample:\n{}", entry.examples));
      commands.push_back(entry.make());
      commands.back()->setup(*sub);
      apps.push_back(sub);
    }
  }
};

// The innermost command that was named.
CLI::App& chosen_app(CLI::App& app) {
  CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty())
    chosen = chosen->get_subcommands().back();
  return *chosen;
}

[[noreturn]] void refuse_surplus(CLI::App& app, const std::vector<std::string>& surplus) {
  CLI::App& chosen = chosen_app(app);
  const bool has_commands = !chosen.get_subcommands({}).empty();
  std::string word = surplus.empty() ? "" : surplus.front();
  std::vector<std::string> known;
  const bool is_option = word.starts_with("-");
  if (is_option) {
    word = word.substr(0, word.find('='));
    for (const CLI::Option* option : chosen.get_options()) {
      for (const std::string& name : option->get_lnames())
        known.push_back("--" + name);
    }
  } else if (has_commands) {
    for (const CLI::App* sub : chosen.get_subcommands({}))
      known.push_back(sub->get_name());
  }
  const std::optional<std::string> meant = nearest(word, known);
  const std::string_view what = is_option      ? "option"
                                : has_commands ? "command"
                                               : "further argument";
  const std::string_view of = &chosen == &app ? "" : " ";
  throw Error{ErrorCode::invalid_argument,
              fmt::format("tapedeck{}{} takes no {} '{}'; {}", of,
                          &chosen == &app ? "" : chosen.get_name(), what, word,
                          meant ? fmt::format("did you mean '{}'?", *meant)
                                : fmt::format("see: tapedeck{}{} --help", of,
                                              &chosen == &app ? "" : chosen.get_name()))};
}

int run(int argc, char** argv) {
  Parser parser;
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", parser.app.help());
    return kExitOk;
  } catch (const CLI::ExtrasError&) {
    refuse_surplus(parser.app, parser.app.remaining(true));
  } catch (const CLI::ParseError& error) {
    throw Error{ErrorCode::invalid_argument, error.what()};
  }
  if (parser.version) return print_version();
  for (size_t i = 0; i < parser.apps.size(); ++i) {
    if (parser.apps[i]->parsed()) return parser.commands[i]->run();
  }
  return print_next_step();
}

}  // namespace
}  // namespace tapedeck

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) shows as EPIPE, which ends the output without a word.
  signal(SIGPIPE, SIG_IGN);
  tapedeck::watch_interrupts(tapedeck::OnInterrupt::end_soon);
  try {
    return tapedeck::run(argc, argv);
  } catch (const tapedeck::Error& error) {
    tapedeck::say("tapedeck: {}\n", error.what());
    return tapedeck::exit_code_of(error.code());
  } catch (const std::exception& error) {
    tapedeck::say("tapedeck: {}\n", error.what());
  } catch (...) {
    tapedeck::say("tapedeck: an exception of unknown type\n");
  }
  return tapedeck::kExitFailure;
}
