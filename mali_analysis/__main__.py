from mali_analysis.runs.start import main

main()
