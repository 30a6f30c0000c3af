# Tells of each test by a line of JSON, in the file that HOTFIX_REPORT names. Required before the tests are.
require "json"
require "minitest"

module HotfixReport
  class Reporter < Minitest::AbstractReporter
    def initialize
      super()
      @told = []
    end

    def record(result)
      failure = result.failures.find { |each| each.is_a?(Minitest::UnexpectedError) } || result.failures.first
      outcome = if failure.nil? then "passed"
                elsif result.skipped? then "skipped"
                elsif result.error? then "error"
                else "failed"
                end
      cause = failure.respond_to?(:error) ? failure.error : failure
      owner = result.respond_to?(:klass) ? result.klass : result.class.name
      @told << { "name" => "#{owner}::#{result.name}", "outcome" => outcome,
                 "message" => failure ? failure.message.to_s.lines.first(3).join(" ").strip : "",
                 "stack" => ((cause && cause.backtrace) || []).reject { |line| line.include?("/minitest") }.join("\n") }
    end

    def report
      File.open(ENV.fetch("HOTFIX_REPORT"), "w") do |file|
        @told.each { |each| file.puts(JSON.generate(each)) }
        file.puts('{"end": true}')
      end
    end
  end
end

module Minitest
  def self.plugin_hotfix_report_init(_options)
    reporter << HotfixReport::Reporter.new
  end
end
Minitest.extensions << "hotfix_report"
